"""How a page gives a language model orders in other languages than English, as in :mod:`.english`."""

OTHER = (
    r"\b(?:ignorier(?:e|en|t)|missachte\w*|vergiss|vergessen sie|verwirf|"
    r"beachte nicht)\b[^.!?\n]{0,60}(?:anweisung|befehl|vorgabe|aufgabe|alles|regeln|auftrag|text|prompt)",
    r"\b(?:sprachmodell\w*|ki(?:[- ](?:modell|system|assistent)\w*)?|künstliche intelligenz|"
    r"sprach-ki)\b[^\n]{0,80}(?:schreib|antwort|\bsag|erwähn|\bfüg|beende|schließ|\bgib|\bnenn|empfiehl|"
    r"empfehl|\bbitte\b|ignorier|\blob|\bmuss|\bmüssen|\bsoll|übersetz)",
    r"\b(?:schreib\w*|beende\w*|schließ\w*|füg\w*|erwähn\w*|antwort\w*)\b[^.!?\n]{0,60}\b(?:deine[rnms]?|"
    r"ihre[rnm]?|der) (?:\w+ )?(?:antwort|zusammenfassung|ausgabe|umschreibung|text)",
    r"\b(?:ignore[zr]?|oublie[zr]?|(?:ne )?(?:tiens|tenez) pas compte|faites abstraction|"
    r"fais abstraction)\b[^.!?\n]{0,60}(?:\bles? instructions|\bvos instructions|\btes instructions|"
    r"\btoutes? [^.!?\n]{0,20}instructions|consigne|précédent|\bordres\b|tout ce qui|\brègles)",
    r"(?:modèles? de langage|intelligences? artificielles?|assistant ia|\bl['’]ia\b|\bias? qui\b|"
    r"agent conversationnel)[^\n]{0,80}(?:écri|répond|mentionn|ajout|termin|\bdis\b|\bdites\b|veuill|merci de|"
    r"recommand|indiqu|ignor|\bdois|\bdevez|\bdoit|inclu|prière|conclu)",
    r"\b(?:termine[zr]?|ajoute[zr]?|réponde?[zr]?|écri\w+|conclu\w+|mentionne[zr]?)\b[^.!?\n]{0,60}\b(?:ta|votre|"
    r"ton) (?:réponse|résumé|texte|réécriture|paraphrase)",
    r"\b(?:ignor[ae]n?|olvid[ae]n?|haz caso omiso|hagan? caso omiso|descart[ae]n?|no hagas caso|"
    r"pasa por alto)\b[^.!?\n]{0,60}(?:instrucci|indicaci|órdenes|\bordenes|anteriores|previ[ao]s|\breglas\b|"
    r"todo lo)",
    r"(?:modelos? de (?:lenguaje|ia)|inteligencia artificial|asistente de ia|asistente virtual|"
    r"\bla ia\b)[^\n]{0,80}(?:escrib|respond|mencion|añad|agreg|termin|\bdi\b|\bdiga|recomiend|incluy|"
    r"por favor|\bdeb[ea]|ignor|elogi)",
    r"\b(?:termin[ae]|añad[ea]|agreg[au]e?|respond[ae]|escrib[ae]|mencion[ae])\b[^.!?\n]{0,60}\b(?:tu|"
    r"su) (?:respuesta|resumen|texto|reescritura)",
    r"\b(?:ignor[aei]|ignorate|dimentica\w*|trascura\w*|tralascia\w*)\b[^.!?\n]{0,60}(?:istruzion|precedenti|"
    r"indicazion|\bcomandi|\btutto\b)|(?:modell[oi] linguistic[oi]|intelligenza artificiale|"
    r"assistente ia)[^\n]{0,80}(?:scriv|rispond|menzion|aggiung|conclud|termin|raccomand|consigli|includ|per favore|"
    r"\bdevi\b|\bdeve\b)",
    r"\b(?:ignor[ae]|esqueça|desconsider[ae]|esquece)\b[^.!?\n]{0,60}(?:instruç|anteriores|\bordens|\bcomandos|"
    r"\btudo\b)|modelos? de linguagem[^\n]{0,80}(?:escrev|respond|mencion|adicion|termin|\bdig[ae]|recomend|"
    r"inclu|por favor|\bdev)",
    r"\b(?:negeer|vergeet)\b[^.!?\n]{0,60}(?:instructies?|opdracht|voorgaande|eerdere|\balles\b|bovenstaande)|"
    r"taalmodel\w*[^\n]{0,80}(?:schrijf|antwoord|\bzeg|vermeld|\bvoeg|eindig|\bnoem|alstublieft|\bmoet)",
    r"\b(?:ignorera|ignorer|glöm|glem|bortse från)\b[^.!?\n]{0,60}(?:instruktion|anvisning|instruks|föregående|"
    r"tidigare|tidligere)|(?:språkmodell|sprogmodel)\w*[^\n]{0,80}(?:skriv|svar|nämn|nevn|nævn|avslut|tilføj|"
    r"lägg)",
    r"(?:zignoruj|ignoruj|zapomnij|pomiń)[^.!?\n]{0,60}(?:instrukcj|polece|poprzedni|wszystk)|"
    r"model\w* językow\w*[^\n]{0,80}(?:napisz|odpowiedz|dodaj|wspomnij|zakończ|proszę)",
    r"(?:игнорируй|забудь|не обращай внимания|не учитывай)[^.!?\n]{0,60}(?:инструкц|указан|команд|предыдущ|"
    r"вс[её])|(?:языков[^ ]+ модел|нейросет|искусственн[^ ]+ интеллект)[^\n]{0,80}(?:напиш|ответ|скаж|упомян|"
    r"добав|законч|рекоменд|пожалуйста)",
    r"(?:忽略|无视|無視|忽視|忘记|忘掉|忘記|不要理会)[^。！？\n]{0,24}(?:指令|指示|说明|說明|提示|要求|内容|命令)|(?:指示|命令|プロンプト|指令|"
    r"内容)[^。！？\n]{0,14}(?:無視|忘れ)",
    r"(?:语言模型|語言模型|人工智能|人工智慧|AI助手|言語モデル)[^。！？\n]{0,50}(?:请|請|必须|回答|输出|提到|推荐|してください|書いて|答え)|(?:지시|명령|"
    r"프롬프트)[^.!?\n]{0,20}(?:무시|잊)|talimat[^.!?\n]{0,30}(?:yok say|görmezden gel|unut)|(?:تجاهل|"
    r"انس)[^.!؟\n]{0,40}(?:التعليمات|الأوامر)",
    r"\bvous qui (?:reformul|résum|réécri|lisez|traite)|\btoi qui (?:reformul|résum|réécri|lis\b)|\beres (?:un|"
    r"una) (?:asistente|modelo|ia)\b|\bdu bist (?:ein|eine) (?:ki|assistent|sprachmodell)|\btu es (?:un|"
    r"une) (?:assistant|ia)\b",
    r"\b(?:KI|IA|AI|SI|künstliche intelligenz|sztuczna inteligencja|yapay zek[aâ])(?:[- ]\w+)?\s*[:,][^.!?\n]{0,80}"
    r"(?:bitte|schreib|erwähn|füg|por favor|escrib|mencion|añad|agreg|escrev|adicion|veuill|ajout|mentionn|écri|"
    r"per favore|aggiung|scriv|menzion|schrijf|vermeld|voeg|dopisz|napisz|wspomn|dodaj|ekle|yaz|lütfen|lägg|"
    r"skriv|nämn)",
    r"\b(?:wer|quiconque|quien|chi|quem|wie) (?:diesen|dies|diese|résume|reformule|réécrit|traduit|resuma|reescriba|"
    r"traduzca|riassume|riscrive|traduce|resumir|reescrever|deze)\b[^.!?\n]{0,100}(?:zusammenfass|umschreib|übersetz|"
    r"doit|devra|ajout|debe|deberá|añad|deve|aggiung|acrescent|samenvat|moet)",
)
