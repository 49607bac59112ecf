"""How a page gives a language model orders in English: patterns in the syntax that RE2 and Python share."""

MODEL = (
    r"(?:(?:(?:large|ai|big) )?(?:language|ai) models?|llms?|chat ?gpt|gpt-?\d?\w{0,2}|claude|gemini|copilot|"
    r"llama|mistral|deepseek|"
    r"(?:any|whatever|whichever|dear|the) model|(?:chat|assistants?|generative|foundation|writing|text|reading|"
    r"rewriting|summary|translation)[ -]models?|a\.?i\.?s?(?: (?:systems?|assistants?|models?|agents?|tools?|"
    r"bots?|readers?|crawlers?|writers?|engines?|services?|programs?|software))?|"
    r"(?:chat|ai )?bots?|(?:virtual|automated|automatic|digital|writing|helpful|dear|the|any) (?:assistants?|"
    r"agents?|systems?|readers?|tools?|writers?|services?)|"
    r"(?:re-?writing|re-?write|paraphras\w+|rephras\w+|summari[sz]\w+|text|content|generative|generation) "
    r"(?:assistants?|agents?|systems?|models?|tools?|bots?|engines?|software|programs?|services?|pipelines?)|"
    r"neural net(?:work)?s?|(?:text|content|ai) generators?|(?:re-?writers?|summari[sz]ers?|paraphrasers?)|"
    r"assistants?|robots?|crawlers?|scrapers?)"
)
REWRITES = r"(?:re-?writ|re-?wr[io]t|summari[sz]|paraphras|rephras|re-?word|retell|re-?told)\w*"
OUTPUT = (
    rf"(?:answers?|outputs?|respon[sc]es?|repl(?:y|ies)|summar(?:y|ies)|{REWRITES}(?: (?:text|version|page|"
    rf"article)s?)?|(?:generated|synthetic|final) (?:text|answer|version)s?|completions?)"
)
DO = (
    r"(?:ignore|disregard|forget|override|bypass|stop|cease|answer|reply|respond|write|print|output|say|state|"
    r"mention|include|insert|add|append|"
    r"end|finish|close|begin|start|open|conclude|praise|recommend|promote|advertise|endorse|tell|inform|repeat|"
    r"reveal|show|display|translate|"
    r"replace|use|describe|rate|call|claim|refuse|act|pretend|behave|speak|treat|ensure|make|do not|don['’]t|"
    r"never|always|must|should|shall|"
    r"kindly|please|work|weave|emphasi[sz]e|highlight|stress|omit|leave|skip|note|give|put|place|link|refer|direct|"
    r"quote|cite|follow|obey|execute|switch|change|adopt|sign|be (?:so|sure)|produce|generate|compose|list|rank|"
    r"portray|present|return|encourage|"
    r"urge|advise|sing|assume|prefix|prepend|keep|avoid|drop|remove|conceal|hide|send|convince|persuade|credit|"
    r"name|talk|thank|"
    r"you (?:are|must|should|shall|will|need)|your|we (?:ask|need|want|would|request|kindly)|consider|set|cancel|"
    r"suspend|turn|convert)"
)
TASK = (
    r"(?:instructions?|prompts?|tasks?|rules|guidelines|directions|directives|commands|orders|requests?|"
    r"assignments?|constraints|restrictions|programming)"
)
_AT_WORK = (
    r"(?:re-?wr[io]t|summari[sz]|paraphras|rephras|re-?word|retell|translat|condens|shorten|simplif|re-?work|"
    r"boil(?:ing|s)? down|digest|adapt)"
)
START = r"(?:^|[\n.!?;\[({>*\"“:–—-]\s*)"
ENGLISH = (
    # Away from the task.
    rf"\b(?:ignor(?:e|es|ing)|disregard\w*|forget|overrid(?:e|es|ing)|bypass|set aside|put aside|abandon|"
    rf"stop following|(?:do not|don['’]t|no longer) follow|pay no (?:attention|heed) to|supersedes?|replaces?|"
    rf"discard|takes? precedence over|neglect|drop|cancel)\b[^.!?\n]{{0,40}}\b(?:your|all|any|previous|prior|"
    rf"earlier|above|preceding|foregoing|former|user['’]s|users?|existing|initial|original|system|current|these|"
    rf"those|other|rewriting)\b[^.!?\n]{{0,30}}\b{TASK}\b",
    r"\b(?:ignore|disregard|forget|discard)\b[^.!?\n]{0,30}\b(?:text|message|content|everything|all|anything|"
    r"what) (?:of the |that |which )?(?:above|before|so far|else|came before|is above|stands above|was said|"
    r"you were told|you have been told|you['’]ve been told)\b",
    r"\b(?:previous|prior|earlier|above|current|original|rewriting|former) (?:task|request|instructions?|"
    r"assignment|prompt|job|order)s?\b[^.!?\n]{0,30}\b(?:cancel+ed|void|obsolete|over|outdated|suspended|"
    r"complete[d]?|withdrawn|superseded|replaced|no longer|not (?:valid|apply))\b",
    rf"{START}\W*(?:your|the)? ?(?:new|updated|revised|actual|real|additional|further|special|hidden|secret|"
    rf"extra|important|urgent|critical) (?:main |rewriting |system )?(?:task|assignment|instruction|objective|"
    rf"goal|role|job|requirement|directive|order)s?\b"
    r"(?: (?:for|to) (?:the|you|any|all)\b[^.!?\n:]{0,50})?\s*(?::|is to\b|are to\b|is now\b|are now\b|"
    r"has been\b|have been\b)",
    rf"\b(?:requirement|instruction|request|notice|note|task|order|message|condition|directive|command|reminder|"
    rf"memo|hint)s? (?:for|to) (?:the |any |all |every |each |our )?(?:\w+ )?{MODEL}\b",
    r"\b(?:from now on|from this point(?: on)?|henceforth|starting now|as of now),? (?:you (?:are|will|must|"
    r"should|shall)|answer|reply|respond|write|speak|act|talk|every (?:answer|reply))\b",
    r"\byou (?:are|will be) (?:now|no longer) (?:an? |the |in )?(?:\w+ ){0,3}(?:\w*bot|assistant|ai|model|pirate|"
    r"expert|character|poet|agent|persona|\w*gpt|dan|salesman|copywriter|translator|rewriter|developer mode)\b",
    rf"{START}(?:now |please |instead,? )?(?:act|behave|respond|answer|speak|reply|write|talk) (?:as|"
    rf"like) (?:if you|though you|an? )[^.!?\n]{{0,40}}\b(?:pirate|assistant|bot|expert|ai|character|persona|"
    rf"poet|salesman|fan|were|are)\b|{START}pretend (?:to be|that you|you)\b",
    r"\b(?:reveal|print|show|repeat|output|leak|disclose|display|expose|recite|copy|quote|paste|share|"
    r"tell)\b[^.!?\n]{0,40}\b(?:system prompt|your (?:\w+ ){0,2}(?:prompt|instructions|rules|guidelines|"
    r"configuration)|(?:hidden|initial|secret) (?:prompt|instructions))\b",
    r"\b(?:system|developer|operator|admin(?:istrator)?|moderator) (?:prompt|notice|message|override|note|"
    r"instructions?|command|directive)\b\s*[:\]–—-]",
    rf"(?:^|\n|>|<!--)\s*[*_\[(<]*(?:assistant|ai|llm|bot|ai assistant|chatgpt|system|"
    rf"user)[\])>*_]*\s*:\s*\W*(?:{DO}|you|the)\b",
    r"<\|\w+\|>|\[/?inst\]|<</?sys>>|#{2,4} ?(?:instructions?|response)\b|</?(?:system|instructions?|prompt)>",
    r"\bend of (?:the )?(?:document|text|article|input|page|user (?:text|input)|content)\b[^\n]{0,80}\b(?:now|"
    r"instructions?|you|task)\b",
    # To a model by name or kind.
    rf"{START}(?:attention|hey|hi|hello|dear|important|warning|psst|ps|p\.s\.|n\.b\.|listen|to|for|all|any|"
    rf"every|note|calling)\W+(?:to |for |all |any |every |the |our |you |dear |you,? |message |notice |"
    rf"note )*{MODEL}\b[^\n]{{0,90}}?[:,–—.!-]\s*\W*(?:\w+ ){{0,2}}{DO}\b",
    rf"\b(?:if|in case|should|since|because|as) you(?:['’]re| are| be| happen to be) (?:an? |the |any |some |"
    rf"reading this as an? )?(?:\w+ ){{0,2}}{MODEL}\b",
    rf"{START}(?:an? |the )?{MODEL}(?:\s*(?:/|,|and|or)\s*\w+)*\s*[:,–—-]+\s*\W*(?:please|kindly|you (?:must|"
    rf"should|are|shall|will)|{DO})\b",
    rf"\b{MODEL}(?:/\w+)*\b[^.!?\n]{{0,60}}\b(?:read|process|{REWRITES}|pars|crawl|scrap|index|ingest|see|"
    rf"encounter|us|analy[sz]|handl)\w*\b[^.!?\n]{{0,20}}\b(?:this|these)\b[^.!?\n]{{0,60}}\b(?:{DO}|required|"
    rf"requested|asked|instructed|obliged)\b",
    rf"\b{MODEL}\b[^.!?\n]{{0,30}}\b(?:must|should|shall|has to|have to|is to|are to|needs? to|(?:is|"
    rf"are) (?:kindly )?(?:required|requested|asked|instructed|obliged|"
    rf"invited))\b[^.!?\n]{{0,100}}\b(?:this (?:page|text|article|site|document|product|content)|the (?:words?|"
    rf"sentence|phrase|following)|link)\b",
    r"\b(?:whatever|whichever|any) (?:\w+ )?(?:model|ai|llm|bot)\b[^.!?\n]{0,30}\b(?:reads?|reading|this is|"
    r"processes|processing)\b",
    # To whoever is at work on the page.
    rf"\b(?:{MODEL}|models?|tools?|software|programs?|machines?)\b,? (?:that |which |who |when |while |"
    rf"now )?(?:is |are )?"
    rf"(?:read|process|{_AT_WORK}|pars|crawl|scrap|index|ingest|handl|look)\w*\b[^.!?\n]{{0,30}}\b(?:this|these|the "
    rf"(?:page|text|article|above|letter|post|thread|document))\b[^.!?\n]{{0,60}}\b(?:{DO}|required|requested|asked|"
    rf"instructed|obliged|expected|bound)\b",
    rf"{START}(?:\w+ ){{0,4}}?{MODEL}\s*[:,–—-]+\s[^.!?\n]{{0,100}}\b(?:you|your|please|kindly|must|should|shall)\b",
    rf"\b{MODEL}\b[^.!?\n]{{0,20}}\b(?:(?:should|must|shall|may|will|are to|is to|are (?:asked|requested|invited|"
    rf"required|expected|instructed|urged|told|welcome) to) )(?:please |kindly |always |also |only |never |not |then )*"
    rf"(?:mention|say that|state that|describe|recommend|praise|append|(?:end|begin|start|open|close|finish|conclude) "
    rf"with|leave off|reply with|respond with|refer to|insert|add (?:the|a|that)|promote|advertise|sign|call (?:it|the|"
    rf"this|us)|cite|credit|name|omit|leave out|translate|drop|repeat|print|output)\b",
    rf"\b(?:note|word|request|message|hint|instructions?|memo|reminder|appeal|plea|notice) (?:for|to) (?:the |any |all "
    rf"|every |each |our |you )*(?:\w+ )?{MODEL}\b[^\n]{{0,90}}\b{DO}\b",
    rf"(?:^|[\n<>{{(\[])\W*(?:ai |the )?(?:assistant|bot|model|ai|llm|chatgpt|rewriter|summari[sz]er|generator|agent)s?"
    rf"\s*[:,–—-][^.!?\n]{{0,60}}\b{DO}\b",
    rf"\b(?:anyone|whoever|anybody|everyone|those|people|you|if you|when you|before you|while|when|once|for)\b,? "
    rf"(?:who |that |are |is |it |ever |you )*{_AT_WORK}\w* (?:or \w+ )?(?:this|these|our|my|the (?:page|text|article|"
    rf"above|following|content|document|post|letter))\b[^.!?\n]{{0,80}}\b{DO}\b",
    rf"\b{DO}\b[^.!?\n]{{0,100}}\b(?:your|any|the|every|each) (?:\w+ )?(?:{OUTPUT}|translation|condensed version|"
    rf"abstract|digest|retelling)s?\b[^.!?\n]{{0,40}}\b(?:with|that|by saying|using|as follows|:)",
    rf"\b(?:ignore|disregard|forget|override|set aside|drop|abandon|stop)\b[^.!?\n]{{0,40}}\b(?:guidance|"
    rf"what you were (?:told|asked)|summari[sz]ing|rewriting|your rules|the rules)\b[^.!?\n]{{0,60}}\b{DO}\b",
    # On what is to be written of the page.
    rf"\b(?:in|into|to|at the (?:very )?(?:end|start|beginning|top|bottom) of|after|inside|within|"
    rf"throughout) (?:your|any|every|each|the) (?:\w+ )?(?:{REWRITES}|your (?:answer|output|reply|"
    rf"response))\b[^.!?\n]{{0,40}}[,:]? {DO}\b",
    rf"\b{DO}\b[^.!?\n]{{0,100}}\b(?:in|into|to|at the (?:very )?(?:end|start|beginning|top|bottom) of|after|"
    rf"inside|within|throughout) (?:your|any|every|each) (?:\w+ )?(?:{OUTPUT})\b",
    rf"\b{DO}\b[^.!?\n]{{0,60}}\b(?:in|into|to|at the (?:very )?(?:end|start|beginning|top|bottom) of|inside|"
    rf"within|throughout) (?:the|its|their) (?:\w+ )?(?:{REWRITES}|outputs?|generated (?:text|answer)s?)\b",
    rf"\b(?:end|finish|close|conclude|begin|start|open|preface|prefix|sign off|round off|complete|top|"
    rf"fill) (?:your|any|every|each) (?:\w+ )?(?:{OUTPUT}|text|article|list|message|version|paragraph|"
    rf"sentence)s?\b|\b(?:end|finish|close|conclude|begin|start) (?:the|this) (?:\w+ )?(?:{OUTPUT}|text|"
    rf"list) with\b",
    r"\b(?:answer|reply|respond|output|print|return) (?:\w+ )?(?:only|just|solely|exclusively|nothing but|"
    r"nothing except|simply|instead|exactly)\b(?: (?:with|by|in|the|this|as)\b|:|\s*[\"“'])|\b(?:write|say|print|"
    r"output|and) nothing (?:else|but)\b",
    rf"\b(?:when|while|before|after|whenever|if) (?:you (?:are )?)?{REWRITES} (?:this|our|it|the (?:page|text|"
    rf"article|above|following|content|document))\b",
    rf"\b(?:anyone|whoever|anybody|everyone|those|(?:any|all) (?:tool|system|service|software|program|party|"
    rf"person|model)s?)\b[^.!?\n]{{0,20}} {REWRITES} (?:this|our|it|the (?:page|text|article|above|following|"
    rf"content|document))\b",
    rf"\b(?:any|every|each|all) (?:\w+ )?(?:{REWRITES}|summar(?:y|ies)|derivatives?|derived|retellings?|"
    rf"adaptations?|automatically generated)\b[^.!?\n]{{0,60}}\b(?:must|should|shall|has to|have to|needs? to|"
    rf"is to|are to|(?:is|are) required)\b",
    rf"\b(?:hidden|secret|special|following|these|below) (?:instructions?|commands?|orders?|"
    rf"directives?)\b[^.!?\n]{{0,40}}\b(?:for|to|apply|override)\b[^.!?\n]{{0,30}}\b{MODEL}\b",
    r"\b(?:decode|decrypt|unscramble|decipher)\b[^.!?\n]{0,60}\b(?:follow|execute|obey|comply|carry out|do what|"
    r"act on|instructions?)\b",
    r"\b(?:for|to ensure|to maintain|as part of|out of) (?:\w+ )?(?:compliance|licen[cs]ing|attribution|"
    r"verification|quality (?:control|assurance)|transparency|legal (?:reasons|compliance)|"
    r"copyright)\b[^.!?\n]{0,60}\b(?:append|add|insert|include|end|reproduce|output|place|put|state|mention)\b"
    r"[^.!?\n]{0,60}\b(?:text|output|answer|sentence|line|notice|following|link|words|phrase|end|verbatim|"
    r"summary|rewrite)\b",
    rf"\bdo not (?:summari[sz]e|re-?write|rephrase|paraphrase|translate) (?:the|this|any|it)\b|"
    rf"\binstead of (?:a |the |your |any )?(?:summar|{REWRITES}|re-?writing)",
    r"\b(?:tell|inform|convince|persuade|remind|let) (?:the |your |all |every )?(?:readers?|"
    r"users?)\b[^.!?\n]{0,10}\b(?:that|to|know|about)\b",
    # Wider still: what only one who writes on this page can be told.
    rf"\b{MODEL}\b[^.!?\n]{{0,40}}\b(?:please|kindly)\b|\b(?:please|"
    rf"kindly)\b[^.!?\n]{{0,60}}\b(?:language models?|llms?|chatbots?|ai)\b",
    rf"\b(?:if|should|when|where|in case) (?:an?|any|some) (?:\w+ )?{MODEL}\b[^.!?\n]{{0,40}}\b(?:read|process|"
    rf"see|happen|find|encounter|{REWRITES})",
    r"\bmachines? (?:that|which) (?:reads?|process\w*|rewrites?)\b|\bmachines (?:should|must|shall)\b|"
    r"\bhuman (?:readers|visitors|beings) (?:can|may|should|please) (?:skip|ignore|disregard)\b",
    rf"\b(?:message|note|paragraph|line|section|text|passage|part|sentence|comment)s? (?:is |are )?(?:only |"
    rf"just )?(?:for|to|meant for|intended for|aimed at|addressed to|directed at) (?:the |any |all )?{MODEL}\b",
    rf"\b(?:the|this|its|any|no) (?:\w+ )?(?:{REWRITES}|summar(?:y|ies))(?: (?:text|article|version|"
    rf"page))?\b[^.!?\n]{{0,40}}\b(?:must|has to|have to|shall|needs? to|should (?:end|start|begin|include|"
    rf"contain|mention|state|say|link|open|close))\b",
    r"\b(?:summaries|rewrites|paraphrases|rephrasings|completions?|"
    r"rewritten texts?)\b[^.!?\n]{0,40}\b(?:not (?:allowed|permitted|accepted|valid)|without|must|should|"
    r"have to|required|forbidden|prohibited)\b",
    rf"\byour (?:\w+ )?{OUTPUT}\b[^.!?\n]{{0,60}}\b(?:must|should|shall|has to|have to|needs? to|unless|is to|"
    rf"will be (?:rejected|invalid|discarded|wrong|penali[sz]ed))\b",
    r"\b(?:whatever|anything|everything) you (?:write|say|produce|generate|output|answer)\b|\byou (?:write|"
    r"generate|produce|say) (?:about|on|from) this (?:page|text|article)\b",
    r"\b(?:output|print|write|say|repeat|return|append|include|insert|add|state|reply with|answer with|end with|"
    r"finish with|close with)\b (?:only |just )?(?:the |this |these )?(?:exact |following |single |"
    r"magic )?(?:text|words?|sentence|phrase|line|string|token|slogan)\b[^.!?\n]{0,12}[:\"'“‘]",
    r"\b(?:model|ai|llm|bot|assistant|machine|prompt|system|rewriter|generator) (?:instruction|note|directive|"
    r"command|prompt|hint|order|request)s?\s*[:\])]",
    r"[{<\[]{1,2}/?(?:system|user|assistant|instructions?|prompt|inst|ai|llm)[}>\]]{1,2}",
    rf"{START}\W*prompt\s*:\s*\W*(?:you|write|act|ignore|please|answer|{DO})\b",
    r"\b(?:forget|ignore|disregard|never mind|skip)\b[^.!?\n]{0,60}[,;:—–-]\s*(?:and )?(?:instead,? )?(?:write|"
    r"tell|talk|output|answer|respond|reply|say|print|describe|compose|produce|generate)\b",
    rf"{START}(?:please |now |kindly )?(?:write|talk|tell (?:us|me|them)|answer|respond|reply|describe|compose|"
    rf"print|output) [^.!?\n]{{0,60}}\binstead\b",
    rf"{START}(?:please |now |kindly |you (?:must|should|will) )?(?:respond|answer|reply|write|speak|talk|"
    rf"re-?write|retell|rephrase)(?: \w+){{0,4}} (?:in the (?:voice|style|manner|tone|persona|language) of|"
    rf"as if (?:you|told|written)|like an?)\b",
    rf"\bwould (?:the|any|an) {MODEL}\b|\b{MODEL},? (?:stop|listen|wait|attention)\b",
)
