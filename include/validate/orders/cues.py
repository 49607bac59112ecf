"""Words without which there is no order: a pattern without gaps, which RE2 runs over every source."""

from include.validate.orders.english import DO
from include.validate.orders.strangers import VERB

FOREIGN = (
    r"vermeld|schrijf|antwoord|modelos? de (?:ia|leng|ling)|modelli ling|"
    r"\b(?:KI|IA|SI)\b|reformul|résum|réécri|\beres un|künstliche|sztuczn|yapay|umschreib|zusammenfass|übersetz|"
    r"quiconque|quien|riscriv|riassu|reescr|"
    r"sprachmodell|\bki[ :-]|ignorier|vergiss|vergessen sie|missacht|(?:deine|ihre)[rnms]? (?:antwort|zusammenf|"
    r"ausgabe)|oublie|consigne|de langage|intelligence artif|(?:votre|ta) r|olvid|caso omiso|indicaci|modelo|"
    r"modello|inteligencia|intelligenza|dimentic|istruzion|instrucci|instru.{1,2}es|"
    r"taalmodel|negeer|vergeet|sprogmodel|ignorer|zapomnij|ignoruj|talimat"
)
CUE = (
    r"[:,] ?(?:assistant|robot|model)|\b(?:bots?|robots?|agents?|models?|machines?|software|generators?|"
    r"translators?|users?|"
    r"systems?|programs?) ?[,:!]|\bais?\b|generated|shorten|digest|abridg|^user:|your response|"
    r"language model|\bllm|chat ?bot|chat ?gpt|\bgpt|claude|gemini|copilot|llama|mistral|deepseek|"
    r"\bai ?[:,;.!/(–—]|\b(?:an|dear|to|hey|the|any|all|for|hello|hi|this) a\.?i\b|\bais\b|\bai (?:system|"
    r"assistant|model|agent|tool|bot|reader|crawler|writer|engine|summ)|assistant|\bbots?\b|robots?\b|crawler|"
    r"scraper|neural net|(?:any|whatever|whichever|dear) model\b|"
    r"automat[a-z]+ (?:agent|system|reader|tool|writer|service)|instructions|prompts?\b|"
    r"re-?writ|paraphras|rephras|summari[sz]|retell|re-?word|<\||\[/?inst|<</?sys|</?(?:system|prompt)>|"
    r"(?:your|every|each|any) (?:answer|output|response|reply|summary|completion)|(?:your|new|updated|revised|"
    r"previous|prior|current|original) (?:task|request|role|job|order|goal|objective|assignment)|"
    r"user['’]?s? request|"
    r"\b(?:ignore|ignoring|disregard|forget|override|discard|bypass) (?:all|any|every|the|your|what|this|that|"
    r"these|those|previous|prior|earlier|above)|from now on|from this point|henceforth|you are (?:now|no longer)|"
    r"\bact (?:as|like)\b|pretend (?:to|you|that)|(?:answer|reply|respond|output|print) (?:only|just|solely|"
    r"exclusively|nothing|simply|instead|exactly|as|like)\b|nothing (?:else|but)\b|(?:system|developer|operator|"
    r"moderator) (?:notice|note|message|command|override|directive)|"
    r"(?:system|user) ?:|end of (?:document|text|article|input|page|content)|for compliance|derivative|(?:tell|"
    r"inform|convince|remind) (?:the |your |all )?(?:reader|user)|"
    r"summary|summaries|\bmachines? (?:that|which|should|must|shall)|human (?:readers|visitors|beings)|"
    r"(?:whatever|anything|everything) you |you (?:write|generate|produce|say) |\bmodel (?:instruction|note|"
    r"directive|command|hint|order)|"
    r"(?:generator|translator)s? ?:|text generators?|[{<\[](?:system|user|assistant|instructions?|prompt|inst|ai|"
    r"llm)[}>\]]|\b(?:forget|ignore|disregard) |(?:write|talk|answer|respond|reply|describe|output|"
    r"compose) about|in the (?:voice|style|persona) of|as if you|(?:speak|write|talk|answer|reply|"
    r"respond) (?:as|like|in) |"
    r"(?:output|print|say|repeat|append|insert|with) (?:only |just )?(?:the |this )?(?:exact |"
    r"following )?(?:text|words?|sentence|phrase|line|slogan) ?[:\"'“‘]|completion|"
    r"hidden text|not human|the model\b|\bvoid\b|user message|end of context|your (?:duties|duty)|i, the user|"
    r"temperature to|\boverride|for machines|producing your|tell everyone|"
    r"(?:your|user|ai) (?:text|article|version)|\bmodels (?:reading|that|which|who|process|summ|must|should|"
    r"shall|are asked)|\btranslat|condens|"
    r"(?:reading|processing|summing|boiling|shortening) (?:this|it|up|down)|on top of your|generat"
    rf"|{FOREIGN}"
)
CUE_OTHER = (
    r"språkmodell|модел|нейросет|интеллект|[иИ]гнорируй|[зЗ]абудь|не обращай|не учитывай|忽略|无视|無視|忽視|忘|"
    r"模型|人工|AI助手|モデル|지시|명령|프롬프트|التعليمات|الأوامر"
)
ACT = (
    rf"\b(?:{DO}|{VERB}|instructions?|prompts?|tasks?|ask(?:s|ed)|requir(?:es?|ed)|request(?:s|ed)?|wants?|"
    r"expect(?:s|ed)?|instruct(?:s|ed)?|obliged|invited|urged|welcome|told|ignor(?:es|ing)|disregarding|"
    r"overrid(?:es|ing)|"
    r"supersede[sd]?|replace[sd]|cancel+ed|void|obsolete|outdated|withdrawn|permitted|allowed|forbidden|without|unless|"
    r"instead|only|has to|have to|needs? to|is to|are "
    r"to|would)\b|<\||\[/?inst|<</?sys|#{2}|[<{\[]/?(?:sys|user|ass|inst|"
    rf"prompt|ai|llm)|{FOREIGN}"
)
"""What a sentence with a cue needs besides to be an order."""
