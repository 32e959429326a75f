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
contre-jour|cinématographique|photographie|lumière dramatique|crépuscule
porträt|filmisch|gegenlicht|dramatisches licht|weitwinkel|dämmerung|fotografie
fotografia|портрет|кинематографичный|свет|закат|фотография|мягкий свет
""")
LIGHT_PARTS = parts("""
电影感 電影感 电影 肖像 人像 写真 逆光 光影 黄昏 黃昏 日落 夜景 摄影 攝影 特写 特寫 景深 柔光 侧光 霓虹 晨雾 冷色调
映画のような シネマ ポートレート 夕暮れ 夕日 夕焼け 被写界深度 ライティング 横顔
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
PRONOUNS = words("he|she|him|her|his|hers|they|them|me|my|i|we|us|you|someone|somebody|who")
RELATIONS = words("""
left of|right of|to the left|to the right|behind|in front of|on top of|beneath|underneath|next to|beside|between
above|below|facing each other|in the foreground|in the background|on the left|on the right
""")

DRAFT = words("""
draft|drafts|rough draft|quick draft|first draft|quick sketch ideas|rough preview|rough previews|quick preview|quick previews
fast preview|fast previews|thumbnails|thumbnail ideas|low quality is fine|quality does not matter|just a test|quick mockups|low-res preview|low res preview|rough drafts|quick drafts|rough version|quick concept|quick concepts|concept thumbnails|fast drafts|test render|for brainstorming|quick test|fast test|quick ideas|rough ideas
quick variations|iterations|fast rough previews|borrador|brouillon|entwurf|rascunho|черновик
""")
DRAFT_PARTS = parts("草稿 快速预览 草图预览 ラフ案 下書き 초안 مسودة")
DRAFT_TRAPS = words("draft horse|draft horses|draft beer|draft animal|draft dodger")

LAYERS = words("""
rgba layers|transparent layers|separate layers|separate into layers|into layers|layer decomposition|decompose|decomposition
split into layers|layered psd|psd layers|image layers|individual layers|editable layers|onto layers|as layers|en capas|in ebenen|calques|en calques
em camadas|на слои
""")
# A picture without a background of its own. "Transparent" alone is glass, cloth or water.
TRANSPARENT = words("""
transparent background|transparent backgrounds|transparent backdrop|transparent png|png with transparency|png with alpha|png with transparent
alpha channel|alpha transparency|alpha background|rgba png|rgba image|with transparency|background transparent|background is transparent
background should be transparent|background must be transparent|transparent bg|fondo transparente|png transparente|fond transparent
arrière-plan transparent|png transparent|transparenter hintergrund|transparentem hintergrund|transparenten hintergrund|hintergrund transparent
fundo transparente|sfondo trasparente|прозрачный фон|прозрачном фоне|прозрачным фоном|прозрачного фона|фон прозрачный|przezroczyste tło
przezroczystym tle|şeffaf arka plan|saydam arka plan|nền trong suốt|latar transparan|latar belakang transparan|transparante achtergrond
""")
TRANSPARENT_PARTS = parts(
    "透明背景 背景透明 透明底 透明的背景 透明通道 透過背景 背景透過 背景を透明 背景は透明 透過png 透明png 투명_배경 투명한_배경 배경_투명 배경을_투명 "
    "خلفية_شفافة بخلفية_شفافة पारदर्शी_पृष्ठभूमि पारदर्शी_बैकग्राउंड พื้นหลังโปร่งใส"
)

LAYERS_PARTS = parts("图层 圖層 分层 分層 レイヤーに レイヤー分 레이어로 레이어_분리 طبقات परतों")

# What an edit is about when it is words that change: the words themselves, and verbs that are only for words.
EDIT_TEXT = words("""
text|texts|word|words|wording|lettering|letters|letter|sentence|sentences|phrase|phrases|title|titles|subtitle|subtitles|headline|heading|caption|captions|slogan|tagline|typo|typos|misspelling|spelling|misspelled|spelled|grammar|grammatical|punctuation|uppercase|lowercase|font|fonts|typeface|typography|subheading|proofread
price|prices|date|dates|number|numbers|digits|digit|label text|labeling|labelling|labels|name|names|brand name|watermark text|inscription|quote|logo text|numeral|numerals|year|phone number|address|credits|nameplate|message|url|barcode|email|username|website address|fraction|denominator|numerator|equation|formula|percentage|percent|decimal
translate|translation|translates|rewrite|rephrase|paraphrase|paragraph|paragraphs|passage|article|synonym|synonyms|antonym|antonyms|noun|nouns|verb|verbs|adjective|singular|plural|euphemistic|list item|table data|bullet point|bullet points|abbreviation|acronym|footer|header|hashtag|lyrics|poem|hyphen|question mark|exclamation mark
speech bubble|speech bubbles|thought bubble|writing|signage|billboard text|score|scores|discount|deadline|salary|resistance value|value|values|start time|end time|opening hours|postpone|schedule|flight number|license number|temperature reading|speed limit|total|subtotal|amount|quantity|nutrition facts|expiry date|expiration date|country name|author name|author to|author's name|initials|unclear|stands for
watermark|watermarks|watermarked|timestamp|time stamp|date stamp|dates and times|rename|relabel|retitle|reword|localise|localize|transliterate|annotate|annotations|annotation|engrave|inscribe|emboss|subtitled|redact|autograph|signature|monogram|copyright notice|disclaimer|all caps|capitalize|capitalise|capital letters|bold letters|italics|italic|typed|misprint|serif|sans-serif|label the|label each|label every|number the|number each|caption this|title this|call it|plate number|license plate number|jersey number|house number|room number|page number|page numbers|column header|placeholder|tooltip|menu item|menu items|dialog box|error message|notification|chat message|search term|street name|brand names|product name|shop name|store name|byline|motto|verse|greeting|wishes|dedication|graffiti text|written|gibberish|meaning|meaningful|meaningless|fill in the form|fill in the blank|fill in the blanks|fill in the name|fill in the date|fill in the answer|fill in the answers|fill in the missing word|fill in the missing words|fill in the missing letter|fill in the missing letters|fill in the missing number|fill in the missing numbers|fill in the missing digit|fill in the missing digits|fill in the missing value|fill in the missing values|fill in the missing label|fill in the missing labels|fill in the missing text|fill in the missing name|fill in the missing names|fill in the table|fill in the text|fill out|fill the form|wanted poster|missing poster|clan tag|gamertag|gamer tag|1st place|2nd place|3rd place|first place|second place|subhead|subheads|subheader|subheadline|body copy|ad copy|the copy|marketing copy|lorem ipsum|placeholder text|kerning|letter spacing|line spacing|letter-spacing|font size|point size|typeset|the type|call to action|cta|matrix|matrices|sudoku|crossword|sale sticker|sale tag|sale badge|sale banner|discount badge|discount sticker|infographic|mind map|flowchart|in capital letters|upper case|lower case
texto|textos|palabra|palabras|título|títulos|precio|precios|fecha|fechas|horario|dirección|teléfono|apellido|lo que está escrito|lo escrito|subtítulo|nombre|nombres|frase|frases|traduce|traducir|traduzca|letras|letra|eslogan|ortografía|ortográfico|errata|mensaje|número|números|marca de agua|tipografía|subtítulos|leyenda|escribe|escriba|lema|titular|dorsal
texte|textes|mot|mots|titre|titres|prix|ce qui est écrit|horaires|adresse|prénom|légende|légendes|nom|noms|traduis|traduire|traduisez|lettres|lettre|faute|fautes|orthographe|numéro|chiffre|chiffres|filigrane|typographie|police de caractères|sous-titre|sous-titres|écris|écrivez|écrire|coquille
wort|wörter|worte|titel|preis|preise|datum|uhrzeit|telefonnummer|nachname|vorname|geschriebene|was da steht|was dort steht|schriftzug|überschrift|aufschrift|beschriftung|beschriftungen|übersetze|übersetzen|rechtschreibfehler|tippfehler|buchstaben|buchstabe|zahl|zahlen|namen|untertitel|schrift|schriftart|wasserzeichen|nummer|kennzeichen|inschrift|bildunterschrift|schreibe|schreib|schreiben|rechtschreibung
palavra|palavras|preço|preços|nome|nomes|o que está escrito|está escrito|endereço|telefone|sobrenome|horário|indirizzo|cognome|orario|numero di telefono|quello che è scritto|c'è scritto|prezzi|titoli|traduza|traduzir|traduz|data|legenda|legendas|marca d'água|escreva|escreve|ortografia|testo|scritta|scritte|parola|parole|prezzo|titolo|traduci|tradurre|filigrana|didascalia|lettere
текст|слово|слова|надпись|фамилия|фамилии|телефон на|номер телефона|что написано|написанное|написано|опечатка|цену|цена|дату|дата|заголовок|переведи|перевести|имя|название|буквы|буква|опечатку|шрифт|подпись|номер|водяной знак|водяные знаки|водяных знаков|субтитры|ошибку в слове|орфографическую|адрес|надписи|фраза|фразу|лозунг|слоган|напиши|перевод|цифра|цифры|год
metni|metin|yazıyı|yazı|başlık|başlığı|fiyatı|tarihi|ismi|ismini|isim|adı|adını|fiyatını|tarihini|yazısı|yazısını|yazılar|yazıları|harflerle|harfleri|rakamı|numarayı|ingilizceye|türkçeye|almancaya|fransızcaya|ispanyolcaya|arapçaya|japoncaya|kelimeyi|yazın|yazar mısın|ifade|cümle|cümleyi|cevabı|cevabını|etiket|etiketi|etiketle|not et|văn bản|chữ|giá|dịch|tiêu đề|tên|số điện thoại|ngày tháng|địa chỉ|lỗi chính tả|chính tả|dòng chữ|teks|tulisan|harga|judul|terjemahkan|tanggal|tekst|napis|cenę|datę|przetłumacz|filigran|tanda air
text overlay|text overlays|overlay text|overlaid text|in italics|italicize|underlined|underline the|to fahrenheit|to celsius|in pounds|in kilograms|in kilometers|in miles|shelf life|best before|nomor hp|nomor telepon|nomor|the venue|and venue
element symbol|missing symbol|digital clock|right answers|correct answers|speech balloon|speech balloons|happy birthday|happy anniversary|merry christmas|adımızı|ismimizi|imię|cyfrę|cyfry|literę|litery|dopisz
track list|tracklist|setlist|set list|surname|first name|last name|dob|date of birth|apostrophe|apostrophes|full stop|quotation marks|quote marks|umlaut|footnote|footnotes|nutrition panel|ingredients list|allergens|net weight|serving size|wordmark|menu headings|headings|minus sign|plus sign|equals sign|answer key|the answers|x axis|y axis|x-axis|y-axis|axis label|axis labels|news ticker|ticker|masthead|cover lines|serial number|zip code|postcode|email address|web address|double space|tip line|kpi|sender and receiver|unread badge|size tag|station name|station names|multiple choice|reletter|renumber|the tm|trademark symbol|percentages|percent sign|sfx|sound effect|pit board|standings|ampersand|parental advisory|rsvp|roman numerals|decimals|decimal point|new handle|feet and inches|instead of miles|instead of kilometres|instead of kilometers|in ounces|track names|sold out|scan to pay|the sum is|net wt|expiry|lap counter|race clock|shot clock|odometer
tilde|tildes|la suma|bulle|une bulle|trikotnummer|rückennummer|achsenbeschriftung|achsenbeschriftungen|ano errado|счёт на табло|счет на табло|подпиши|мем|harf hatası|yüzdeleri|podpis|podpisz|numer na|wielkimi literami|czcionką|ondertitel|rugnummer|vertaal|vertalen|số áo|skornya|skor|nomor punggung|pie de foto|bijschrift|nagłówek
info panel|callout|callouts|thought cloud|legend to the graph|legend to the chart|atomic number|chemical symbol|numbered steps|short text|short texts|instructions on|japanese instructions|dosage|keycaps|new venue|ingredients listed|comprehension questions|have it say|have the sign say|gold foil type|foil type|mark up this|red pen|margin comments|comments in the margin|piped on|the date on|the label to|date and time stamp|name under each|names under each|the menu to|new name is|new price is|new date is|new number is
el nombre de cada|inscriptions|beschrifte|beschriften|la dictée|fiyatları|fiyatlarını|kasih nama|beri nama|nama di bawah|alle woorden|woorden|likha|likh|likho|naam likh|placar para|placar pra|скидка|imiona|podpisy pod
inscrição|inscrições|heures affichées|heure affichée|prix affichés|prix affiché|date affichée|the sum on|the equation on|допиши|дописать|zmien rok|zmień rok|rok na|ano para|año a|its number|their numbers|with numbers|its name|their names|the legend to|the legend beneath|legend below|chart legend|navbar|the accent on|tick the|check the box|tick box|it to say|it to read
dialogue box|text box|speech box|name plate to|labelled blueprint|labeled blueprint|labelled diagram|labeled diagram|labelled version|section titles
the designation|job title|nickname to
fais afficher|interlettrage|stampatello|interlinea|tipfehler|schreibfehler|vertippt|feliz cumple|feliz cumpleaños|joyeux anniversaire|alles gute|buon compleanno|feliz aniversário|с днём рождения|с днем рождения|o ano tá|o ano está|jaartal|benvenuto|benvenuta|bienvenidos|bienvenue
c ecrit|ecrit|ta escrito|esta escrito|tem q ta escrito|sigue poniendo|ошибка в слове|ошибка в тексте|ошибку в тексте|поменяйте город|balão de fala|balões de fala|o ano do|ano do|ano da|a linha que|ergebnis ein|rechenaufgabe|moji wo|moji o|happy 70th|happy 60th|happy 50th|happy 40th|third bullet|first bullet|second bullet|last bullet|o ddd|tareekh|à la place du titre|no lugar do título|capa de gta|tapa de juego|tapa de revista
passer l'année|change l'année|changer l'année|modifie l'année|corrige l'année|mets l'année|l'année en bas|l'année en haut|l'accroche|in minuscolo|stampatello minuscolo|in maiuscolo|bocadillo de cómic|bocadillo de texto|bocadillo que diga|bocadillo diciendo|fumetto che dice|fumetto con scritto
yr on|year on|interchanged labels|q3 label
jahreszahl|jahreszahlen|datumsstempel|die jahreszahl
made in india|made in italy|ano do rodapé
""")
EDIT_TEXT_PARTS = parts("""
語に訳 に訳し 文字 字样 字樣 标题 標題 价格 價格 日期 标语 標語 单词 單詞 翻译 翻譯 字母 数字改 数字 數字 名字 名称 文案 错别字 錯別字 错字 字体 字體 拼写 文本 字改 的字 字去 字换 字删 個字 个字 字号 句子 姓名 电话 電話 写上 写着 寫著 写有 改写 译成 译为 字幕 水印 浮水印 店名 车牌 車牌 号码 號碼 分数 比分 年份 题字 落款 签名 台词 横批 编号 字眼 书名 艺术字 英文 英语 法语 日语 韩语 德语 西班牙语 中文 法文 日文 韩文 金额 内容改 内容换 行字 座位号 号改 信息图 資訊圖 思维导图 流程图 说明文字 讲解图 科普图 公式 矩阵 答案 算式 式子 昵称 暱稱 用户名 备注名
テキスト タイトル 翻訳 書き換え 値段 価格 日付 文言 誤字 名前 見出し 単語 フォント 文章 書いて と書 透かし ウォーターマーク 背番号 番号 訳して 英訳 キャプション セリフ 書き込 書き加 字を 開催日 日時 曜日 住所 電話番号 氏名 苗字 肩書 誤植 英語 日本語 中国語 韓国語 フランス語 ロゴの文字
글자 글씨 문구 텍스트 제목 번역 가격 날짜 이름 숫자 단어 오타 문장 자막 글꼴 맞춤법 워터마크 번호 서체 폰트 라고_써 라고_적 상호 대사 날짜를 주소 전화번호 성함 오탈자 영어로 한국어로 일본어로 중국어로 영문
النص الكلمة العنوان السعر التاريخ ترجم الاسم الرقم الكتابة كلمة عبارة الخط_ نص_ علامة_مائية العلامة_المائية اكتب الحروف الأحرف النصوص كتابة الجملة عنوان_ رقم_الهاتف الخطأ_الإملائي اسم_ الأسماء أسماء
टेक्स्ट शब्द शीर्षक कीमत अनुवाद तारीख नाम_ लिखा अक्षर वाक्य संख्या दाम लिखें लिखो वॉटरमार्क फ़ॉन्ट फॉन्ट वर्तनी नंबर संदेश पाठ_ हिंदी_में हिन्दी_में अंग्रेज़ी_में अंग्रेजी_में लिखावट पता_ उपनाम
ข้อความ ตัวอักษร แปล ราคา วันที่ ชื่อ คำว่า ตัวหนังสือ หัวข้อ ตัวเลข ลายน้ำ ฟอนต์ เขียนว่า
太字 斜体 下線 加粗 粗体 粗體 下划线 底線 볼드 굵게 밑줄 기울임 الكلام الكلمات 印刷体
福字 喜字 寿字
横轴 纵轴 坐标轴 轴标签 图例 净含量 合计 算错 写错 错啦 漏标 站名 人名 选项 聊天记录 条消息 对话框里的话 繁体 简体 门牌号 计算器屏幕 温度计读数 记分牌显示 板书 标数值 一日三次 とローマ字 ローマ字 ふりがな 合計 합계 등번호 คำผิด ซับไทย บรรทัด कैप्शन عنوانًا عنوانا الأرقام
小字 那行字 行小字 大字 烫金 恭喜 下联 上联 评语 批改 红笔 题一首 到手价 买一送一 所有字 的所有字 上的字 适量字 적힌 쓰인 채점 점수 빨간펜 글을 लिखकर लिख_दो लिख_दें सभी_लिखावट كل_الكتابة เขียน_คำ
上写：
标上 标出 标注 注明 写个 写一个 写句 写一句 写几个 题个 漢字が 正しい字 字に直 誤記 プレイヤー名 ユーザー名 철자 닉네임 학과명 상호명 직함 職稱 头衔
第一行 第二行 第三行 最后一行 最後一行 印个 绣个 刻个 個價 社名 会社名 校名 一行目 二行目 三行目 四行目 最終行 تاريخ_ พ.ศ. ปีพ.ศ 上写“ 上写「
家賃 料金を 上面寫 上面写 生日卡
السطر الأسطر سطر_
""")
# Things made of words: changing them mostly changes words, but they can also be taken away or moved as things.
EDIT_SHEETS = words("""
menu|sign|signs|billboard|label|logo|poster|banner|receipt|passport|chart|table|graph|document|page|form|ticket|invoice|certificate|license plate|licence plate|number plate|numberplate|book cover|cover|newspaper|magazine|card|badge|screen|whiteboard|blackboard|chalkboard|calendar|map|diagram|packaging|sticker|note|advertisement|infographic|slide|menu board|scoreboard|list|row|column|line|content|information|data|figure|status|stamp|sticky note|greeting card|flyer|brochure|website|tone|character|characters|symbol|mistake|mistakes|error|errors|letterhead|emblem
screenshot|screenshots|street sign|neon sign|road sign|shop sign|storefront sign|neon|tweet|ui|interface|thermostat|battery level|battery percentage|price tag|name tag|nameplate|banknote|book spine|headstone|gravestone|tombstone|business card|invitation|marquee|placard|plaque|signboard|departure board|timetable|meme|spreadsheet|checkbox|kanji|hieroglyphs|billboards|posters|labels on
cartel|enseigne|schild|placa|cartaz|вывеску|вывеска|табличка|афиша|плакат|ценник|обложка|этикетка|меню|affiche|panneau|pancarte|vitrine|plakat|etikett|étiquette|etiqueta|tabela|letrero|rótulo|pancarta|portada|menú|carte|cardápio|speisekarte|tafel
floor plan|org chart|worksheet|desk plate|name plate|a-board|sandwich board|telegram|gravestone prop|cereal box label|ingredients
растяжка|растяжку|растяжки|баннер|баннера
""")
EDIT_SHEETS_PARTS = parts(
    "招牌 海报 海報 标签 標籤 路牌 牌子 菜单 菜單 表格 图表 封面 屏幕 截图 包装 球衣 对联 横幅 车票 电影票 看板 ポスター ラベル 値札 メニュー 標識 名札 간판 표지판 포스터 라벨 메뉴판 표지 화면 لافتة اللافتة ملصق الملصق القائمة बोर्ड पोस्टर मेनू लेबल ป้าย โปสเตอร์ เมนู 价签 价格牌 门牌"
)
# Languages: an edit that ends on one of them, or a lettered thing in one, is a translation.
LANGUAGES = words("""
english|french|german|spanish|italian|portuguese|russian|arabic|hindi|korean|japanese|chinese|mandarin|cantonese|turkish|dutch|polish|swedish|greek|hebrew|thai|vietnamese|ukrainian|czech|hungarian|indonesian|simplified chinese|traditional chinese
inglés|francés|alemán|español|italiano|japonés|chino|coreano|anglais|français|allemand|espagnol|italien|japonais|chinois|englisch|englische|deutsch|deutsche|französisch|spanisch|japanisch|inglês|francês|alemão|espanhol|japonês|chinês|английский|русский|французский|немецкий|испанский|китайский|inglese|francese|tedesco|spagnolo
nederlands|niederländisch|holandés|olandese|néerlandais|polnisch|polonais|polaco|thaï|vietnamita|ucraniano|украинский|польский|турецкий|rumänisch|roumain|türkisch|turc|turco|arabe|árabe|arabisch|арабский|русский язык|hollandaca|ingilizce|almanca|fransızca|po polsku|po angielsku|angielski|niemiecki|bahasa inggris|bahasa indonesia|tiếng anh|tiếng việt
""")
# Words of the lists above that name something else.
EDIT_KEEPS = words("""
slogan t-shirt|slogan tee|slogan shirt|slogan hoodie|slogan sweatshirt|name tag|name tags|numbers of|name brand|writing desk|writing table|no caption|no text|without text|label-less|no watermark|texture|context|no lettering|text unchanged|keep the text|keep all text|text intact
the character|character the same|same character|main character|character's|character in|characters in|anime character|this character|of the character|character into|each character|the characters|her character|his character
cartoon character|game character|character design|character sheet|warmer tone|cooler tone|warm tone|cool tone|skin tone|color tone|tones|overall tone|tone of the image|the tone|tone to
colour tone|sepia tone|dark tone|lighter tone|darker tone|year old|years old|year-old|number of|the number of|peace sign|sign of|victory sign|total number
up to date|date palm|date night|make no mistake|in the name of|line art|line drawing|line work|clean line|water line|horizon line|coffee table|dining table|wooden table|the table|table lamp|side table|on a table|picnic table|table with|bookshelf|outline|cover the|cover her|cover his|cover it|cover with|covers|covered|cover up
forms|form of|form a|in the form|page boy|in line|line of|lines of|traffic sign|sign post|signpost|stop sign|color value|pixel value|high value|title card|map of light|content of the image|rest of the|all other content|content unchanged|figure skater|figure of|the figure|action figure|figures|data-driven|total look|totally|key figure|toy figure|list of|amount of|value of|address the|screen door|row of|column of|a column|columns|stone column|note that|please note|passage of
love letter|love letters|letter blocks|letter block|letter-shaped|alphabet blocks|writing on the blackboard|writing in|boy writing|girl writing|man writing|woman writing|person writing|is writing|letter box|letterbox|letter boxes|title character|cinematic tone|tone more|tone and|number of people|page from a|page from|the letter she|the letter he|letter in her hand|letter in his hand|holding a letter|a letter in|keep the text as it is|text as it is|without any text|no writing|nothing written|no words|no letters|don't change the text|do not change the text|leave the text|preserve the text|the same text|all text unchanged|without changing the text
table cloth|tablecloth|the coffee table|kitchen table|card game|playing cards|credit card in|page of a photo|photo album|phone screen off|green screen|windscreen|screen time|score of a|in writing pose|writing at|a cover of snow|ground cover|cloud cover|bed cover|lens cover|date tree|title role|quote unquote|total makeover|verse jump|price of fame
without altering|without changing the meaning|core meaning|original meaning|un certain nombre|certain nombre|grand nombre|petit nombre|nombre de personnes|nombre de|en nombre|cierto número de|un gran número de|número de personas|label legibility|legibility of the label|text legibility|preserve the label|preserve all labels|preserve labels|keep the label|keep labels|labels legible|переведи в чб|переведи в черно-белый|переведи в чёрно-белый|перевести в чб|sin texto|sin cambiar el texto|sans texte|sans changer le texte|ohne text|ohne schrift|sem texto|без текста|не меняя текст
price sticker|price stickers|writing prompt
magazine photo|magazine photos|magazine shoot|magazine style|magazine look|cabinet card
same words|same text|same lettering|same letters|nothing printed on it|nothing written on it|do the wording|the wording
буква в букву|letra por letra|lettre pour lettre|una letra bonita
all the words also|every word also|what it says alone
au mot près|mot pour mot|palabra por palabra|parola per parola|wort für wort|слово в слово|palavra por palavra|cada palavra no lugar|cada palavra|kuch mat chedna
""")
# Where the object of an edit ends: what follows says what it is like, what it is part of, or where it is.
EDIT_DESCRIBES = words(
    "with|wearing|labeled|labelled|marked|that says|that reads|reading|saying|holding|printed|titled|named|that has|which has|featuring|bearing|showing|con|avec|mit|com|с"
)
EDIT_PLACES = words("""
on|in|at|from|inside|onto|within|across|en|sur|auf|im|am|sobre|no|na|на|в|sul|nella
next to|to the left of|to the right of|left of|right of|behind|in front of|beside|near|above|below|beneath|under|on top of|between|over|around|against|by|neben|hinter|vor|unter|über|junto a|detrás de|delante de|debajo de|a la izquierda de|à côté de|derrière|devant|sous|ao lado de|atrás de|em frente a|embaixo de|рядом с|за|перед|под|около
""")
EDIT_TAKES = words("""
remove|extract|delete|erase|take away|take|get rid of|cut out|isolate|segment|eliminate|crop|move|select|hide|clear|eradicate|wipe|blur|discard|drop|lose|removing|deleting|erasing|rotate|turn off|blank out|black out|white out|censor|cross out
quita|quitar|elimina|eliminar|borra|borrar|retire|retirez|supprime|supprimer|supprimez|enlève|enlevez|efface|effacez|entferne|entfernen|lösche|löschen|remova|remover|apague|apagar|retira|tire|удали|удалить|убери|убрать|сотри|стереть|rimuovi|togli|cancella|kaldır|sil|xóa|hapus|hilangkan|usuń
virez|vire|levate|leva|elimine|eliminen|quiten|saca|sacale|снять|сними|gommez|gomme|mach weg|tolgli|togliete
""")
EDIT_TAKES_PARTS = parts("""
去掉 去除 删除 刪除 移除 除去 抹去 擦掉 擦除 消除 清除 拿掉 删掉 取り除 消し 消去 削除 外し 없애 지워 제거 삭제 احذف أزل إزالة امسح شيل شيلي हटा मिटा निकाल ลบ เอาออก
整走 p掉 抠掉 弄掉 搞掉
गायब
떼어 떼고 떼주 拿走 撕掉 撕下
치워 뽑아
""")
EDIT_ADDS = words("""
add|put|place|insert|attach|hang|draw|paint|stick|introduce|give|lay|set|include|adding|append|overlay
añade|agrega|pon|coloca|ajoute|ajoutez|mets|mettez|füge|setze|stelle|adicione|coloque|ponha|добавь|добавить|поставь|помести|вставь|aggiungi|metti|ekle|koy|thêm|đặt|tambahkan|letakkan|dodaj
""")
EDIT_ADDS_PARTS = parts(
    "加上 添加 增加 放上 加一 加个 放一 戴上 追加 加えて 置いて 추가 넣어 올려 أضف ضع जोड़ रख เพิ่ม ใส่ วาง"
)
EDIT_WRITES = words("""
change|replace|modify|correct|fix|update|edit|rewrite|write|add|insert|put|say|says|read|reads|rename|swap|increase|decrease|reduce|set|adjust|convert|switch|make it say|to read|to say|substitute|alter|revise|amend|turn|print|type|engrave|carve|display|rephrase|translate|correcting|replacing|changing|writing|spell|overlay|raise|lower|bump
cambia|cambiar|reemplaza|sustituye|escribe|agrega|añade|corrige|pon|ponga|modifica|remplace|remplacez|changez|modifie|écris|ajoute|ajoutez|corrigez|mets|ändere|ersetze|schreibe|füge|korrigiere|aktualisiere|mude|troque|escreva|substitua|altere|adicione|corrija|sostituisci|scrivi|замени|заменить|измени|изменить|напиши|написать|поменяй|добавь|исправь|смени|değiştir|ekle|yaz|thay|đổi|thêm|viết|ganti|ubah|tambahkan|tulis|zmień|zamień|dodaj|napisz
""")
EDIT_WRITES_PARTS = parts(
    "改成 改为 改為 替换 替換 换成 換成 换为 写上 加上 添加 修改 更改 更换 修正 变成 に変え に変更 に書き 追加 置き換え にして に直し 바꿔 변경 교체 추가 수정 고쳐 써 غير غيّر استبدل اكتب أضف صحح बदल जोड़ लिख सुधार เปลี่ยน แก้ เพิ่ม เขียน"
)
