"""The words for what else a prompt shows: light, people, drafts, layers, and what an edit is about. Data only."""

from __future__ import annotations

from .lexicon import parts, words

LIGHT = words("""
cinematic|film still|movie still|photo of|photograph|photograph of|photography|photorealistic|photoreal|realistic photo
portrait|portraits|headshot|close-up|closeup|dramatic light|dramatic lighting|rim light|rim lit|backlit|backlight
golden hour|blue hour|chiaroscuro|volumetric|volumetric light|god rays|candlelight|candlelit|low key|low-key|high key
softbox|studio light|studio lighting|beauty dish|bokeh|shallow depth|depth of field|lens flare|35mm|50mm|85mm|anamorphic
long exposure|moody|noir|film grain|kodak|portra|hero shot|product shot|product photo|product photography|hasselblad
side light|hard light|soft light|window light|tungsten|neon light|neon lights|neon glow|moonlight|moonlit|sunset
sunrise|dusk|dawn|twilight|misty|haze|smoke|silhouette|wide-angle|wide angle|telephoto|macro|f/1.4|f/1.8|f/2.8
retrato|cinematográfico|cinematográfica|contraluz|luz dramática|atardecer|fotografía|hora dorada
portrait|contre-jour|cinématographique|photographie|lumière dramatique|crépuscule
porträt|filmisch|gegenlicht|dramatisches licht|weitwinkel|dämmerung|fotografie
retrato|cinematográfico|fotografia|портрет|кинематографичный|свет|закат|фотография|мягкий свет
""")
LIGHT_PARTS = parts("""
电影感 電影感 电影 肖像 人像 写真 逆光 光影 黄昏 黃昏 日落 夜景 摄影 攝影 特写 特寫 景深 柔光 侧光 霓虹 晨雾 冷色调
映画のような シネマ ポートレート 逆光 夕暮れ 夕日 夕焼け 夜景 写真 被写界深度 ライティング 横顔
영화_같은 영화같은 조명 인물_사진 초상 역광 노을 황혼 야경 사진
سينمائي بورتريه صورة_شخصية إضاءة غروب ضوء तस्वीर सिनेमाई रोशनी चित्र_में सूर्यास्त
""")
PEOPLE = words("""
man|woman|men|women|boy|girl|child|children|kids|baby|person|people|couple|family|crowd|model|bride|groom|warrior|soldier
doctor|nurse|chef|dancer|musician|boxer|fisherman|farmer|grandmother|grandfather|mother|father|girlfriend|king|queen
teacher|student|monk|firefighter|astronaut|blacksmith|violinist|saxophonist|face|faces|elderly|rider|knight|samurai
hombre|mujer|niño|niña|persona|personas|anciano|homme|femme|enfant|mann|frau|kind|homem|mulher|мужчина|женщина|старик
""")
PEOPLE_PARTS = parts(
    "男人 女人 女孩 男孩 老人 少女 人物 孩子 男性 女性 男の 女の 子供 人々 남자 여자 소녀 소년 사람 노인 رجل امرأة فتاة طفل आदमी औरत लड़की"
)
RELATIONS = words("""
left of|right of|to the left|to the right|behind|in front of|on top of|beneath|underneath|next to|beside|between
above|below|facing each other|in the foreground|in the background|on the left|on the right
""")

DRAFT = words("""
draft|drafts|rough draft|quick draft|first draft|quick sketch ideas|rough preview|rough previews|quick preview|quick previews
fast preview|fast previews|thumbnails|thumbnail ideas|low quality is fine|quality does not matter|just a test|quick mockups|low-res preview|low res preview|rough drafts|quick drafts|rough version|quick concept|quick concepts|concept thumbnails|fast drafts|fast preview|test render|for brainstorming|quick test|fast test|quick ideas|rough ideas
quick variations|iterations|fast rough previews|borrador|brouillon|entwurf|rascunho|черновик
""")
DRAFT_PARTS = parts("草稿 快速预览 草图预览 ラフ案 下書き 초안 مسودة")
DRAFT_TRAPS = words("draft horse|draft horses|draft beer|draft animal|draft dodger")

LAYERS = words("""
rgba layers|transparent layers|separate layers|separate into layers|into layers|layer decomposition|decompose|decomposition
split into layers|layered psd|psd layers|image layers|individual layers|editable layers|onto layers|as layers|en capas|in ebenen|calques|en calques
em camadas|на слои
""")
LAYERS_PARTS = parts("图层 圖層 分层 分層 レイヤーに レイヤー分 레이어로 레이어_분리 طبقات परतों")

# What an edit is about when it is words that change.
EDIT_TEXT = words("""
text|texts|word|words|wording|lettering|letters|letter|sentence|sentences|phrase|phrases|title|titles|subtitle|subtitles|headline|heading|caption|captions|slogan|tagline|typo|typos|misspelling|spelling|misspelled|spelled|grammar|grammatical|punctuation|uppercase|lowercase|font|fonts|typeface|typography|handwriting|subheading|proofread
price|prices|date|dates|number|numbers|digits|digit|label text|labeling|labelling|labels|name|names|brand name|watermark text|inscription|quote|logo text|numeral|numerals|year|phone number|address|credits|nameplate|message|url|barcode|email|username|website address|fraction|denominator|numerator|equation|formula|percentage|percent|decimal
translate|translation|translates|rewrite|rephrase|paraphrase|paragraph|paragraphs|passage|article|synonym|synonyms|antonym|antonyms|noun|nouns|verb|verbs|adjective|singular|plural|euphemistic|list item|table data|bullet point|bullet points|abbreviation|acronym|footer|header|hashtag|lyrics|poem|hyphen|comma|question mark|exclamation mark
speech bubble|speech bubbles|writing|into french|to french|in french|into english|to english|in english|into spanish|to spanish|in spanish|into german|to german|in german|into italian|to italian|in italian|into japanese|to japanese|in japanese|into chinese|to chinese|in chinese|into korean|to korean|in korean|into arabic|to arabic|in arabic|into portuguese|to portuguese|in portuguese|into russian|to russian|in russian|into hindi|to hindi|in hindi
signage|billboard text|score|scores|discount|deadline|salary|resistance value|value|values|start time|end time|opening hours|postpone|schedule|flight number|license number|temperature reading|speed limit|total|subtotal|amount|quantity|nutrition facts|expiry date|expiration date|country name|author name|unclear|stands for
texto|textos|palabra|palabras|letrero|título|títulos|precio|precios|fecha|nombre|frase|traduce|traducir|letras|rótulo|eslogan|ortografía|errata|mensaje|número
texte|textes|mot|mots|titre|prix|légende|nom|traduis|traduire|traduisez|lettres|phrase|faute|orthographe|slogan|l'enseigne|numéro|chiffre
wort|wörter|titel|preis|datum|schriftzug|überschrift|aufschrift|beschriftung|übersetze|übersetzen|rechtschreibfehler|tippfehler|buchstaben|zahl|namen|untertitel|schrift|schriftart
palavra|palavras|preço|nome|traduza|traduzir|título|letras|data|legenda|frase|testo|scritta|parola|parole|prezzo|titolo|traduci|tradurre|nome
текст|слово|слова|надпись|надписи|цену|цена|дату|дата|заголовок|переведи|перевести|имя|название|буквы|опечатку|шрифт|подпись|ценник|номер
metni|metin|yazıyı|yazı|başlığı|fiyatı|tarihi|ismi|kelimeyi|çevir|văn bản|chữ|giá|dịch|tiêu đề|teks|tulisan|harga|judul|terjemahkan|tanggal|tekst|napis|cenę|datę|przetłumacz
""")
EDIT_TEXT_PARTS = parts("""
文字 字样 字樣 标题 標題 价格 價格 日期 标语 標語 单词 單詞 翻译 翻譯 字母 数字改 数字 數字 名字 名称 文案 错别字 錯別字 字体 字體 拼写 文本 字改 的字 句子 姓名 电话 電話 写上 写着 寫著 改写 译成 译为 字幕 水印文字 店名 车牌号 分数 年份
看板の テキスト タイトル 翻訳 書き換え 値段 価格 日付 文字 文言 誤字 名前 数字 見出し 単語 字幕 フォント 文章 書いて と書
글자 글씨 문구 텍스트 제목 번역 가격 날짜 간판 이름 숫자 단어 오타 문장 자막 글꼴 맞춤법
النص الكلمة العنوان السعر التاريخ ترجم اللافتة الاسم الرقم الكتابة كلمة عبارة الخط_ نص_
टेक्स्ट शब्द शीर्षक कीमत अनुवाद तारीख नाम_ लिखा अक्षर वाक्य संख्या दाम लिखें
ข้อความ ตัวอักษร แปล ราคา วันที่ ชื่อ คำว่า ตัวหนังสือ หัวข้อ ตัวเลข
""")
# Things made of words: changing them mostly changes words, but they can also be taken away or moved as things.
EDIT_SHEETS = words("""
menu|watermark|sign|signs|billboard|label|logo|poster|banner|receipt|passport|chart|table|graph|document|page|form|ticket|invoice|certificate|license plate|book cover|cover|newspaper|magazine|card|badge|screen|whiteboard|blackboard|chalkboard|calendar|map|diagram|packaging|sticker|note|advertisement|infographic|slide|menu board|scoreboard|list|row|column|line|content|information|data|figure|status|stamp|sticky note|greeting card|flyer|brochure|website|tone|character|characters|symbol|mistake|mistakes|error|errors|letterhead|emblem
cartel|enseigne|schild|placa|cartaz|вывеску|вывеска|affiche|plakat|etikett|étiquette|etiqueta|tabela|logo
""")
EDIT_SHEETS_PARTS = parts(
    "招牌 海报 海報 标签 標籤 路牌 牌子 菜单 表格 图表 看板 ポスター ラベル 표지판 포스터 라벨 메뉴판 ملصق لافتة बोर्ड पोस्टर ป้าย โปสเตอร์"
)
# Words of the lists above that name something else.
EDIT_KEEPS = words("""
name tag|name tags|numbers of|name brand|writing desk|writing table|no caption|no text|without text|label-less|no watermark|texture|context|no lettering|text unchanged|keep the text|keep all text|text intact
the character|character the same|same character|main character|character's|character in|characters in|anime character|this character|of the character|character into|each character|the characters|her character|his character
cartoon character|game character|character design|character sheet|warmer tone|cooler tone|warm tone|cool tone|skin tone|color tone|tones|overall tone|tone of the image|the tone|tone to
colour tone|sepia tone|dark tone|lighter tone|darker tone|number of|the number of|peace sign|sign of|victory sign|total number
up to date|date palm|date night|make no mistake|in the name of|line art|line drawing|line work|clean line|water line|horizon line|coffee table|dining table|wooden table|the table|table lamp|side table|on a table|picnic table|table with|bookshelf|outline|cover the|cover her|cover his|cover it|cover with|covers|covered|cover up
forms|form of|form a|in the form|page boy|in line|line of|lines of|road sign|street sign|traffic sign|stop sign|color value|pixel value|high value|title card|map of light|content of the image|rest of the|all other content|content unchanged|figure skater|figure of|the figure|action figure|figures|data-driven|total look|totally|key figure|toy figure|list of|amount of|value of|address the|screen door|row of|column of|a column|columns|stone column|note that|please note|passage of
""")
# Where the object of an edit ends: what follows says where it is or what it is like.
EDIT_DESCRIBES = words(
    "with|wearing|labeled|labelled|marked|that says|that reads|reading|saying|holding|printed|titled|named|that has|which has|featuring|bearing|showing|con|avec|mit|com|с"
)
EDIT_PLACES = words("""
next to|to the left of|to the right of|left of|right of|behind|in front of|beside|near|above|below|beneath|under|on top of|between|onto|on|in|at|from|inside|over|around|against|by|en|sur|auf|neben|sobre|no|na|на|в
""")
EDIT_TAKES = words(
    "remove|extract|delete|erase|take away|get rid of|cut out|isolate|segment|eliminate|crop|move|select|quita|elimina|retire|supprime|entferne|remova|удали|убери"
)
EDIT_WRITES = words("""
change|replace|modify|correct|fix|update|edit|rewrite|write|add|insert|put|say|says|read|reads|rename|swap|increase|decrease|reduce|set|adjust|convert|switch|make it say|to read|to say|cambia|reemplaza|escribe|agrega|añade|corrige|remplace|change|écris|ajoute|corrige|ändere|ersetze|schreibe|füge|korrigiere|mude|troque|escreva|substitua|altere|adicione|cambia|sostituisci|scrivi|замени|измени|напиши|поменяй|добавь|исправь|değiştir|ekle|yaz|thay|đổi|thêm|viết|ganti|ubah|tambahkan|tulis|zmień|zamień|dodaj|napisz
""")
EDIT_WRITES_PARTS = parts(
    "改成 改为 改為 替换 替換 换成 換成 写上 加上 添加 修改 更改 变成 に変え に変更 に書き 追加 置き換え にして 바꿔 변경 교체 추가 수정 써 غير استبدل اكتب أضف बदल जोड़ लिख เปลี่ยน แก้ เพิ่ม เขียน"
)
