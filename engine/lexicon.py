"""The words by which a prompt shows what it wants, per concept. Data only: reading is `engine/prompt.py`'s.

Languages that put spaces between words are matched as whole words (phrases of up to three words); the others, and
those that bend their words at both ends, as parts of the text (`*_PARTS`).
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.replace("\n", "|").split("|") if part.strip())


def _parts(text: str) -> tuple[str, ...]:
    """Separated by spaces; "_" stands for a space inside one."""
    return tuple(part.replace("_", " ") for part in text.split())


# Words and things that ask for lettering by themselves.
LETTERING = _words("""
text|texts|lettering|typography|typographic|typeface|calligraphy|calligraphic|wordmark|letterhead|monogram
caption|captions|captioned|headline|headlines|subheading|subtitle|subtitles|tagline|slogan|inscription|inscribed
the word|the words|the phrase|the letters|the letter|the sentence|the name|the title|the number|the numbers
a word|words|titled|entitled|labeled|labelled|labels|annotated|annotations|callouts|legend|title text
poster|posters|flyer|flyers|leaflet|brochure|infographic|infographics|billboard|signage|storefront sign|neon sign
menu|menu board|chalkboard menu|business card|business cards|greeting card|birthday card|christmas card|postcard
invitation|invitations|wedding invitation|save the date|invite|certificate|diploma|coupon|voucher|banknote
book cover|magazine cover|album cover|movie poster|cover art with title|front page|newspaper headline|masthead
name tag|name badge|badge|conference badge|license plate|number plate|price tag|wine label|beer label|nutrition label
diagram|flowchart|flow chart|schematic|chart of|chart showing|chart with|bar chart|pie chart|line chart|organization chart|seating chart|wall chart|classroom chart|mind map|timeline|blueprint labels|cheat sheet
calendar|planner|worksheet|checklist|crossword|scoreboard|price list|recipe card|periodic table|train timetable
timetable|presentation slide|presentation slides|slide deck|title slide|pitch deck|slide about|slide with|slides about|landing page|web page|webpage|website|app screen
user interface|ui design|ui mockup|dashboard|screenshot|web banner|social media post|instagram post|meme|memes
advert|advertisement|ad banner|print ad|packaging design|package design|product packaging|word cloud|speech bubble
speech bubbles|thought bubble|word balloon|comic strip with|equation|equations|formula on|graffiti that|credits
cartel|cartel de|póster|letrero|rótulo|texto|palabras|la palabra|tipografía|titular|título|tarjeta|invitación|folleto
infografía|menú|etiqueta|diagrama|eslogan|portada|calendario|anuncio|pancarta
affiche|enseigne|texte|les mots|le mot|lettrage|typographie|carte de visite|invitation|dépliant|infographie|schéma
étiquette|légende|calendrier|couverture de livre|panneau publicitaire
plakat|schriftzug|ladenschild|straßenschild|beschriftung|text|wörter|das wort|überschrift|visitenkarte|einladung|einladungskarte
glückwunschkarte|geburtstagskarte|flugblatt|infografik|speisekarte|etikett|diagramm|titelseite|buchcover|kalender
cartaz|letreiro|as palavras|a palavra|título|convite|cartão de visita|panfleto|infográfico|cardápio|rótulo
плакат|афиша|вывеска|надпись|надписи|текст|слово|слова|заголовок|открытка|приглашение|инфографика|меню|этикетка
схема|диаграмма|календарь|обложка|визитка|баннер
""")
LETTERING_PARTS = _parts("""
海报 海報 文字 字样 字樣 标题 標題 标语 標語 口号 口號 菜单 菜單 招牌 名片 邀请函 邀請函 请柬 贺卡 賀卡 信息图 資訊圖 示意图 示意圖 流程图 流程圖
图表 圖表 思维导图 思維導圖 传单 傳單 封面 字体 字體 书法 書法 对联 文案 广告 廣告 横幅 橫幅 标签 標籤 包装设计 包裝設計 日历 日曆 课程表 界面设计 排版 水墨字 写着 寫著
ポスター テキスト 文言 見出し タイトル 看板 チラシ フライヤー インフォグラフィック メニュー表 名刺 招待状 キャッチコピー ロゴタイプ 書道 図解 年表 と書かれ と書いて 文字 ラベル 駅名標 カレンダー 表紙
포스터 문구 글자 글씨 제목 간판 전단지 인포그래픽 메뉴판 명함 초대장 텍스트 라고_적힌 적힌 쓰인 쓰여 표지 다이어그램 순서도 달력 현수막 배너 로고_타이포
ملصق لافتة مكتوب عبارة كلمة عنوان بطاقة دعوة قائمة_طعام إنفوجرافيك انفوجرافيك نص_ نصوص شعار_مكتوب يافطة
पोस्टर लिखा शब्द शीर्षक साइनबोर्ड निमंत्रण मेनू इन्फोग्राफिक बोर्ड_पर पाठ
ป้าย เขียนว่า ข้อความ โปสเตอร์
""")

# Verbs of writing: what follows, or the quotation beside them, is lettering on a surface.
WRITES = _words("""
reads|reading|says|saying|that say|that read|spells|spelling|spelled|spelt|spell out|written|writes|write|printed
engraved|embossed|embroidered|stitched|etched|carved|stamped|scrawled|handwritten|lettered|bearing
word|words|letter|letters|title|message|phrase|text|name|displaying|displays|stating|states|labeled|labelled|titled|entitled|captioned|inscribed|branded|emblazoned|marked
dice|diga|que dice|que diga|se lee|pone|escrito|escrita|titulado|dit|lit|écrit|intitulé|inscrit|steht|geschrieben
lautet|heißt|aufschrift|diz|escrito|lê-se|написано|гласит|надписью
""")
WRITES_PARTS = _parts("""
写着 寫著 写有 寫有 写上 寫上 印着 印著 印有 刻着 刻著 刻有 标有 標有 题为 題為 名为 显示 顯示 内容为 写“ 写「 と書 書かれ 書いて と表示 という文字 라고 이라고 적힌 쓰인 써진 مكتوب كتب تقول يقول लिखा लिखी เขียนว่า
""")
# Surfaces that carry lettering when something is written on them, or when they have a name.
SURFACES = _words("""
sign|signs|signboard|board|billboard|banner|placard|shirt|t-shirt|tshirt|tee|hoodie|cap|mug|cup|bottle|can|box|label
sticker|tattoo|graffiti|wall|mural|plaque|screen|monitor|display|marquee|neon|chalkboard|blackboard|whiteboard
newspaper|magazine|book|cover|notebook|page|letter|envelope|card|badge|logo|flag|cake|storefront|shop|awning|window
truck|van|car door|license plate|button|keyboard|ticket|stamp|coin|gravestone|tombstone|headstone|door|doormat
package|packaging|schild|panneau|placa|slide|chart|bag|note|sticky note|post-it|scroll|paper|poster|menu|scoreboard|clock tower|street sign|road sign
""")

# What takes a mention of lettering back.
REFUSALS = _words("""
no|without|without any|free of|avoid|minus|never|not|don't|do not|nor|excluding|exclude|remove all|zero|devoid of|lacks
lacking|before the|sin|ningún|ninguna|sans|aucun|aucune|pas de|ohne|kein|keine|keinen|sem|nenhum|без|нет|never any
""")
NO_BEFORE = _parts(
    "无 無 没有 沒有 不要 不含 不带 不得 禁止 避免 ไม่มี ไม่ต้อง ห้าม بدون بلا_ خالٍ لا_ बिना 余計な"
)
NO_AFTER = _parts("なし 無し ない 禁止 不要 入れず 없음 없이 없는 없고 금지 넣지 नहीं")
REFUSED = _words(
    "textless|text-free|logo-free|logoless|watermark-free|label-less|labelless|unlabeled|unbranded|wordless|untitled"
)
BLANK = _words("blank|empty|unreadable|illegible|blurred|gibberish")

# Quoted words that are heard, named or felt, not seen.
HEARD = _words("""
shouts|shouting|shouted|yells|yelling|whispers|whispering|whispered|screams|screaming|sings|singing|thinks|thinking
arguing|said|she says|he says|they say|tells|told|asks|asking|replies|murmurs|laughs|cries|exclaims|announces|plays|playing|performs|the song|to the tune of
nicknamed|nickname|known as|so-called|dubbed|everyone calls|calls|calls him|calls her|call him|alias|aka|is called|named
style of|the style of|in the style|inspired by|reminiscent of|based on|from the film|from the movie|the film|the movie
the novel|the painting|the series|the game|vibe|mood|feeling|feel like|feels like|aesthetic|sense of|spirit of|look of
concept of|theme of|evokes|evoking|the idea of|rule|effect|style|like the word|atmosphere
estilo de|inspirado en|style de|im stil von|в стиле|susurra|grita|canta|flüstert|ruft
""")
HEARD_PARTS = _parts(
    "的感觉 的感覺 的氛围 的气氛 风格 風格 喊着 唱着 说道 という雰囲気 のような雰囲気 のスタイル 風の と叫 と言って 느낌 스타일 분위기 بأسلوب على_طراز"
)
TRAPS = _words("""
letter carrier|letter carriers|headline act|sign language|sign of|signs of|title fight|word of mouth|poster child
poster bed|texting|love letter|reading glasses|reading a book|reading book|reading a newspaper|reading the newspaper
painted on|blank page|blank pages|menu of options|text neck|chart a course|badge of honor|slide guitar|water slide
playground slide|slides down|slide down|children slide|postcard view|postcard-perfect|postcard perfect
number of|a number of|the number of|poster colors|poster paint|calendar girl|page boy
""")

LIGHT = _words("""
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
LIGHT_PARTS = _parts("""
电影感 電影感 电影 肖像 人像 写真 逆光 光影 黄昏 黃昏 日落 夜景 摄影 攝影 特写 特寫 景深 柔光 侧光 霓虹 晨雾 冷色调
映画のような シネマ ポートレート 逆光 夕暮れ 夕日 夕焼け 夜景 写真 被写界深度 ライティング 横顔
영화_같은 영화같은 조명 인물_사진 초상 역광 노을 황혼 야경 사진
سينمائي بورتريه صورة_شخصية إضاءة غروب ضوء तस्वीर सिनेमाई रोशनी चित्र_में सूर्यास्त
""")
PEOPLE = _words("""
man|woman|men|women|boy|girl|child|children|kids|baby|person|people|couple|family|crowd|model|bride|groom|warrior|soldier
doctor|nurse|chef|dancer|musician|boxer|fisherman|farmer|grandmother|grandfather|mother|father|girlfriend|king|queen
teacher|student|monk|firefighter|astronaut|blacksmith|violinist|saxophonist|face|faces|elderly|rider|knight|samurai
hombre|mujer|niño|niña|persona|personas|anciano|homme|femme|enfant|mann|frau|kind|homem|mulher|мужчина|женщина|старик
""")
PEOPLE_PARTS = _parts(
    "男人 女人 女孩 男孩 老人 少女 人物 孩子 男性 女性 男の 女の 子供 人々 남자 여자 소녀 소년 사람 노인 رجل امرأة فتاة طفل आदमी औरत लड़की"
)
RELATIONS = _words("""
left of|right of|to the left|to the right|behind|in front of|on top of|beneath|underneath|next to|beside|between
above|below|facing each other|in the foreground|in the background|on the left|on the right
""")

DRAFT = _words("""
draft|drafts|rough draft|quick draft|first draft|quick sketch ideas|rough preview|rough previews|quick preview|quick previews
fast preview|fast previews|thumbnails|thumbnail ideas|low quality is fine|just a test|quick test|fast test|quick ideas|rough ideas
quick variations|iterations|fast rough previews|borrador|brouillon|entwurf|rascunho|черновик
""")
DRAFT_PARTS = _parts("草稿 快速预览 草图预览 ラフ案 下書き 초안 مسودة")
DRAFT_TRAPS = _words("draft horse|draft horses|draft beer|draft animal|draft dodger")

LAYERS = _words("""
rgba layers|transparent layers|separate layers|separate into layers|into layers|layer decomposition|decompose|decomposition
split into layers|layered psd|psd layers|image layers|individual layers|editable layers|onto layers|as layers|en capas|in ebenen|calques|en calques
em camadas|на слои
""")
LAYERS_PARTS = _parts("图层 圖層 分层 分層 レイヤーに レイヤー分 레이어로 레이어_분리 طبقات परतों")

EDIT_TEXT = _words("""
text|texts|word|words|lettering|letters|letter|sentence|phrase|title|subtitle|headline|heading|caption|slogan|tagline|typo|spelling
font|price|prices|date|dates|number|numbers|digits|digit|label|label text|name|brand name|watermark text|inscription|quote|logo text
sign|signs|signage|billboard|menu|translate|translation|wording|character|characters|numeral|year|phone number|address|credits|nameplate|message
paragraph|sentences|article|tone|synonym|synonyms|antonym|spelling|mistake|euphemistic|greeting|list item|table data|percentage|formula
texto|palabra|palabras|letrero|título|precio|fecha|nombre|cartel|frase|texte|mot|mots|titre|prix|enseigne|légende|nom
wort|wörter|titel|preis|datum|schild|schriftzug|überschrift|aufschrift|palavra|preço|placa|nome|текст|слово|надпись|цену|дату|заголовок
""")
EDIT_TEXT_PARTS = _parts("""
文字 字样 字樣 标题 標題 价格 價格 日期 招牌 标语 单词 翻译 翻譯 字母 数字 名字 文案 看板の テキスト タイトル 翻訳 書き換え 値段 日付 글자 글씨 문구 텍스트 제목 번역 가격 날짜 간판
النص الكلمة العنوان السعر التاريخ ترجم اللافتة टेक्स्ट शब्द शीर्षक कीमत
""")
# Words of the list above that name something else.
EDIT_KEEPS = _words("""
no caption|no text|without text|label-less|no watermark|texture|context|no lettering
the character|character the same|same character|main character|character's|character in|characters in|anime character
cartoon character|game character|character design|warmer tone|cooler tone|warm tone|cool tone|skin tone|color tone
colour tone|sepia tone|dark tone|lighter tone|darker tone|number of|the number of|peace sign|sign of|victory sign
up to date|date palm|date night|make no mistake|in the name of
""")
