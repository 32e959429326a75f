"""The words by which a prompt asks for lettering, per concept. Data only: reading is `engine/words.py`'s.

Languages that put spaces between words are matched as whole words (phrases of a few words); the others, and those
that bend their words at both ends, as parts of the text (`*_PARTS`). What edits, light and the rest are told by is in
`engine/lexicon_more.py`.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.replace("\n", "|").split("|") if part.strip())


def parts(text: str) -> tuple[str, ...]:
    """Separated by spaces; "_" stands for a space inside one."""
    return tuple(part.replace("_", " ") for part in text.split())


# Words for lettering itself: whoever says one of them, and does not take it back, wants to read something.
COPY = words("""
text|texts|lettering|typography|typographic|typeface|calligraphic|wordmark|monogram|typographical|handwriting|fonts
caption|captions|captioned|headline|headlines|subheading|subheadline|subtitle|subtitles|tagline|taglines|slogan|slogans
inscription|inscriptions|inscribed|watchword|epitaph|footnote|footnotes|typed text|sans-serif|serif font|bold font
the word|the words|the phrase|the letters|the letter|the sentence|the saying|the quote|the message|the slogan|letters
a word|words|sentence|titled|entitled|labeled|labelled|annotated|annotations|annotation|callouts|callout|title text|titles
capital letter|capital letters|block letters|neon letters|alphabet|letter shapes|letterforms|numerals|step-by-step instructions|typeset|motto|mottos|my name|his name|her name|our name|club name|team name|brand name|company name|shop name|band name|surname|family name|founding year|starting soon|wording|brush script|loose script|script lettering|in cursive|block capitals|naming|named parts|digits|red digits|the initials|their names|phrases|sayings|handwritten notes|handwritten note|handwritten text|handwritten message|notas manuscritas|frases|notes manuscrites|handschriftliche notizen|sprüche|spruch|рукописные заметки|фразы|place names|station names|street names|city names|country names|names and dates|with labels|and labels|with prices|and prices|with dates|date and venue|date and time|the names of|with names|arranged to spell|that spell|that spells|which spells|to spell|spelling out|spells out|forming the word|nutrition facts
happy birthday|happy new year|merry christmas|happy anniversary|happy easter|happy halloween|happy mother's day|happy father's day|happy valentine's day|season's greetings|get well soon|feliz cumpleaños|feliz navidad|feliz año nuevo|joyeux anniversaire|joyeux noël|bonne année|alles gute|frohe weihnachten|frohes neues jahr|frohe ostern|feliz aniversário|feliz natal|с днём рождения|с днем рождения|с новым годом|buon compleanno|buon natale|quote on|quote by|inspirational quote|motivational quote|quote from
speech bubble|speech bubbles|thought bubble|word balloon|speech balloon|dialogue bubbles|dialogue bubble|speech balloons|chat bubbles
texto|textos|palabra|palabras|la palabra|las palabras|tipografía|titular|titulares|título|títulos|subtítulo|subtítulos|eslogan|inscripción|letras|letrero|rótulo|frase|leyenda|leyendas|anotaciones|caligrafía|que ponga|que pongan|letra tipo|tipo de letra|etiquetado|etiquetados|etiquetada|etiquetadas|rotulado|rotulados|rotuladas
texte|textes|les mots|le mot|lettrage|typographie|légende|titre|titres|sous-titre|sous-titres|lettres|calligraphie|mots|légendé|légendée|étiqueté|étiquetés|étiquetée|étiquetées|annoté|annotée
schriftzug|beschriftung|beschriftungen|beschriftete|beschriftetes|beschrifteter|wörter|das wort|die worte|überschrift|überschriften|untertitel|aufschrift|inschrift|buchstaben|schrift|typografie|bildunterschrift|schriftzeichen|beschriftet|kalligrafie
palavra|palavras|letreiro|tipografia|legenda|legendas|inscrição|manchete|caligrafia|fonte grossa|letra grossa|rotulada|anotações
testo|testi|scritta|scritte|parole|la parola|titolo|titoli|sottotitolo|didascalia|didascalie|iscrizione|lettere|etichettato|etichettati|etichettata|etichettate|etichetti|annotazioni
надпись|надписи|надписью|надписями|текст|текста|текстом|слово|слова|словом|словами|заголовок|заголовком|заголовки|подпись|подписи|буквы|буквами|буква|букву|лозунг|слоган|шрифт|шрифтом|типографика|каллиграфия
napis|napisy|napisem|napisami|tekst|tekstem|słowo|słowa|tytuł|tytułem|hasło|nagłówek|podpis|podpisy|podpisane|opisane|etykietami
metin|metni|yazı|yazısı|yazısıyla|başlık|başlığı|yazılar|tipografi|harfler|kelime|kelimesi|açıklamalar|açıklamalarla|açıklamaları|ek açıklamalar|etiketli|etiketlenmiş|etiketler|alt yazı|altyazı|slogani|sloganı
văn bản|dòng chữ|chữ|tiêu đề|khẩu hiệu|nội dung chữ|phụ đề|kiểu chữ|dán nhãn|ghi nhãn|chú thích|ghi chú|chữ viết|dòng tiêu đề
teks|tulisan|judul|kata|huruf|berlabel|keterangan|label untuk
opschrift|opschriften|woord|woorden|titel|kop|ondertitel|onderschrift|bijschrift|bijschriften|gelabeld
room names|names of each|with their names|steps named|parts named|each named|named and numbered|distances to|opening hours|business hours|with word|with words|promo code|discount code|coupon code|use code|con i nomi|i nomi delle|i nomi dei|con los nombres|los nombres de|avec les noms|les noms des|mit den namen|die namen der|com os nomes|os nomes dos|os nomes das|с названиями|названия городов|isimleriyle|adlarıyla|isimleri yazsın|yazsın|yazılsın|với tên|tên các|dengan nama|nama-nama|z nazwami|nazwy miast|met de namen
label all|label each|label every|label the parts|label the countries
in capitals|small capitals|black capitals|white capitals|gold capitals|thin capitals|bold capitals|the heading|a heading|with heading|headings|lettered quote|with quote|quote in|subheadings|first bubble|second bubble
rooms named|rooms are named|its name under|name under it|names under|names underneath|name underneath|name below it|name and number|name and age|names and numbers|nome e número|o nome e o número|nombre y número|nom et numéro|likha ho|likha hua|likhi ho|likh do|suvichar
is numbered|hashtag|gamertag|names on|with name|with the number|roman numerals|crossword clues|chapter one|chapter 1|opening line|the prayer|founded in|since 18|since 19|here lies|property of|made with love|handmade by|net wt|net weight|just married|congratulations|no entry|no parking|do not disturb|open late|sold out|coming soon|out of order|wet paint|insert coin|high score|served daily
wobbly labels|label the towns|label the cities|label the|label them|labelled drawer|forms the word|form the word|spell the word|written on it|printed on the card|the inscription reads|numbers on the rim|marked in cm|marked in inches|clear characters|direction characters|hosted by|tonight only|now showing|authorized personnel|personnel only|no junk mail|beware of
yazan söz|adları yazılı|bertanya|dice non|kaartjes bij|sözü|sözleri|mis quince
con el nombre de cada|el nombre de cada|con sus partes señaladas|partes señaladas|con sus nombres|nombre de cada|avec le nom de chaque|le nom de chaque|mit dem namen jede|mit namen versehen|namen jedes|com o nome de cada|o nome de cada|con il nome di ogni|il nome di ogni|con scritto|con scritte|con sopra scritto|с подписанными|подписанными|подписанные|подписанный|подписями|с подписью|было написано|чтобы было написано|name of each|the name of every|name of every|item names|names and stats|stats visible|names visible|labels on each|every part labelled|every part labeled|her adı|adı yazsın|tên từng|tên mỗi|nama setiap|nama tiap|nazwa każde|z nazwą każde
portant le nom|son prénom en gros|avec son prénom|leurs noms|leurs prénoms|happy raksha bandhan|happy diwali|extra picante|alles gute oma|namen darunter|in großbuchstaben|en mayúsculas|en letras mayúsculas|em maiúsculas|in maiuscolo|in stampatello|заглавными буквами|nome em arco|nome sotto|nome in basso|nome embaixo|nombre debajo|nom en dessous|name darunter|happy 30th|happy 40th|happy 50th|happy 18th|happy 21st|happy bday|entrega grátis|frete grátis|envío gratis|livraison offerte|spedizione gratuita
y sus capitales|con los países|con las capitales|mit den hauptstädten|und ihren hauptstädten|avec les capitales|et leurs capitales|con le capitali|e le capitali|com as capitais|e as capitais|с названием|названием и ценой|и столицами|e i nomi|et les noms|y los nombres|e os nomes|und die namen|und namen|и названия|and names|names and arrows|arrows and names|alle teile benannt|teile benannt|mit pfeilen benannt|nome os|nome as|naam likho|naam likhna|banao naam|columns for|merchant names
avec ecrit|avec écrit|ecrit dessus|écrit dessus|les noms sous|noms sous chaque|con il nome e|con nombre y|nombre en|nome in|con el puntaje|с именем и датой
en lettres capitales|en capitales blanches|en capitales d'imprimerie
""")
COPY_PARTS = parts("""
文字 字样 字樣 标题 標題 短语 短句 标语 標語 口号 口號 字体 字體 书法 書法 对联 文案 排版 题字 題字 字幕 标注 標註 注释 台词 台詞 大字 汉字 漢字 对话框 對話框 手写 手寫 单词 單詞 字母 主题字 落款 铭文 个字 個字 行字 生日快乐 新年快乐 新春快乐 节日快乐 圣诞快乐 中秋快乐 字写 写着 寫著 写有 横批 艺术字 藝術字 美术字 立体字 发光字 霓虹字 二字 两字 三字 四字 大写字 诗句 題詩 题诗 题词 印文 箴言 谚语 歇后语 标明了 注明 标出名称 吉祥话 吉祥話 贺词 賀詞 祝福语 祝福語 祝词 营业时间 營業時間 对白 對白 主题： 主题: 生日快樂 新年快樂 中秋快樂 聖誕快樂 新春快樂 配文 配字 艺术签名 品牌名 商品名 产品名 公司名 会社名 サービス名 ブランド名 회사명 상호명 브랜드명 서비스명 名称= 名称:“ 名称：“
テキスト 文言 見出し タイトル キャッチコピー ロゴタイプ 注釈 テロップ セリフ 吹き出し と書かれ と書いて と書く お誕生日おめでとう メリークリスマス フォント レタリング フレーズ 手書きメモ キャプション タイポグラフィ 書き文字 筆文字 手書き
문구 글자 글씨 제목 텍스트 타이포 문장 자막 헤드라인 말풍선 캘리그라피 캘리그래피 손글씨 슬로건 캡션 단어 주석 라고_쓰인 라고_적힌 라고_써 라고_적혀 라고_새겨 생일_축하 메리_크리스마스
عبارة كلمة كلمات عنوان نص_ نصوص النص شعار_مكتوب كتابة نقش حروف خط_عربي مكتوب_عليه كتب_عليه اسمه اسمها مع_اسم أسماء بأسماء عيد_ميلاد_سعيد عيد_مبارك
वाक्यांश शब्द शीर्षक टेक्स्ट पाठ लेख_ हेडलाइन अक्षर कैप्शन नारा स्लोगन सुलेख टाइपोग्राफी नामांकन नामांकित नाम_लिख के_नाम नाम_के_साथ
ข้อความ ตัวอักษร ตัวหนังสือ คำว่า พาดหัว สโลแกน คำบรรยาย ชื่อเรื่อง ฟอนต์ คำพูด
이름을_넣 이름을_적 이름을_표시 이름과_함께 이름_표기 名前を入れ 名前を書 名称を入れ 名称を表示 地名を 地名入り 标明名称 标上名 写上名 注明名称 各部位名称 各部分名称 اكتب_ أسماء_المدن
 字要清楚 标名字 都标 标上 引线写 摆成的字 组成的字 拼成的字 上面写 竖写 留念 大寿 繁体字招牌 对照表 सुविचार लिखा_हुआ लिखा_हो ज्ञान_ही
이름_표시 이름을_표기 이름이랑 명칭_표시 이름_써 이름_적어 の名前つき の名前付き 名前入り 名称つき 名称付き 名前も入れ 名称标 名稱標 写上名称 写名字 写上名字 标在旁边 標在旁邊 标在旁 بخط_الثلث بخط_الرقعة بخط_النسخ بخط_كوفي بالخط_الكوفي بخط_عربي اسم_كل हर_एक_का_नाम का_नाम_लिख
配句 祝福的话 平安喜樂 认同请分享 認同請分享 到手价 满减 ひらがなで ふりがな 名が入った 店名は 電話番号 라고_귀엽게 이라고_귀엽게 써_줘 써줘 خصم مواعيد
って大きく って入れ って書 コマンド欄 배경_이름 이름_다_표시 다_표시해 باسم_ 配小图和名称 和名称
名称都要 名稱都要 名称要 中文名 站名 फ़िल्म_का_नाम फिल्म_का_नाम
每格写 一格写
""")

# Things that are made of lettering: when one of them is what is to be made, words come with it.
SHEETS = words("""
today's specials|daily specials|specials board|linkedin banner|banner for|banner ad|twitter banner|facebook cover|twitch banner|channel art|street signs that|shop signs in|diplôme|certificat|curriculum vitae
poster|posters|flyer|flyers|leaflet|brochure|pamphlet|infographic|infographics|billboard|signage|storefront sign|neon sign
menu|menu board|chalkboard menu|business card|business cards|greeting card|birthday card|christmas card|postcard|thank you card|thank-you card|valentine card|get well card|mother's day card|anniversary card
invitation|invitations|wedding invitation|save the date|save-the-date|invite|certificate|coupon|voucher|banknote|gift card|membership card|id card|boarding pass|passport page|resume|cv template|letterhead
book cover|magazine cover|album cover|movie poster|cover art with title|front page|newspaper headline|masthead|book jacket|paperback cover|comic book cover|magazine spread|magazine layout|magazine page|textbook page|zine
name tag|name badge|badge|conference badge|license plate|number plate|price tag|wine label|beer label|sauce label|jam label|honey label|food label|perfume label|warning sign|caution sign|danger sign|nutrition label|product label|label design|bottle label
diagram|diagrams|flowchart|flow chart|schematic|chart|charts|graph|bar graph|line graph|bar chart|pie chart|line chart|organization chart|org chart|seating chart|wall chart|mind map|timeline|cheat sheet|labeled map|annotated map|exploded view|anatomy chart|venn diagram|circuit diagram|pyramid chart|gantt chart|data visualization|step-by-step guide|study guide|family tree|word search
calendar|planner|worksheet|checklist|to-do list|crossword|price list|recipe card|recipe|periodic table|train timetable|flashcard|flashcards|bingo card|scorecard|report card|receipt|invoice|ticket|concert ticket
timetable|slides|presentation slide|presentation slides|slide deck|title slide|pitch deck|slide about|slide with|slides about|landing page|web page|webpage|website|app screen|web design|homepage|mobile app|app ui|profile page|social media profile
user interface|ui design|ui mockup|ui|ux|dashboard|screenshot|web banner|social media post|instagram post|linkedin post|twitter post|tweet|chat screenshot|meme|memes|thumbnail|youtube thumbnail|login screen|mockup of an app
advert|advertisement|ad banner|print ad|ad|packaging design|package design|product packaging|packaging|word cloud|equation|equations|formula on|formulas|logo for|logo of|brand identity|branding|trading card|playing card|tarot card|lower third|title card|end card|opening credits|credits|comic strip with|comic page|manga page|movie title|cereal box|sticker sheet
explainer|explainer graphic|wine list|drinks list|cocktail menu|article page|wikipedia article|wikipedia page|news article|blog post|dictionary page|dictionary entry|encyclopedia page|glossary|prescription label|warning label|safety card|assembly instructions|patent drawing|weather map|matchbox label|seed packet|record sleeve|album sleeve|vhs cover|dvd cover|board game box|box art|video game cover|game cover|comic cover|cookbook cover|novel cover|cover of a book|cover of a cookbook|cover of a magazine|cover of a novel|cover of an album|cover of a comic|game hud|leaderboard|tier list|exam paper|diploma|evacuation map|trail map|tourist map|terminal window|code editor|search results page|chat window|email inbox|memo|guest list|packing list|shopping list|grocery list|reading list|bucket list|itinerary|agenda|syllabus|lesson plan|class schedule|program guide|festival lineup|setlist|set list|tracklist|back cover|data sheet|size chart|conversion chart|growth chart|food pyramid|roadmap|kanban board|business model canvas|swot analysis|customer journey map|concept map|one-pager|press release|catalog page|yearbook page|affirmation card|motivational poster|flash card|flash cards|baby announcement|birth announcement|opening hours|house rules|ten commandments|word list|vocabulary
number line|number lines|set notation|bracket notation|ordered pairs|power set|truth table|coordinate plane|coordinate grid|scatter plot|box plot|bubble chart|sankey diagram|heat map chart|multiplication table|set diagram|free body diagram|phase diagram|wiring diagram|state diagram|class diagram|sequence diagram|er diagram|block diagram|tree diagram|labeled cross-section|labelled cross-section|nutrition facts label|instruction sheet|instruction manual|user manual|instructions sheet|fact sheet|spec sheet|login page|sign-up page|signup page|checkout page|settings page|pricing page|instagram story|facebook post|whatsapp chat|chat conversation|announcement|announcements|newspaper comic|comic strip|webcomic|four-panel comic|three-panel comic|comic with dialogue|title screen|start screen|game over screen|loading screen|storyboard with|departures board|departure board|eye chart|alphabet chart|seating plan|trifold|programme booklet|concert program|product catalog|catalogue page|coloring worksheet|quiz|test paper|scoreboard|tv guide|subway map|metro map|transit map|labelled map|fantasy map|weather forecast graphic|news broadcast|news ticker|chyron|street sign that|nameplate|name plate|door plate|commemorative plaque|wanted poster|movie ticket|train ticket|lottery ticket|postmark|wayfinding|signpost with|lyric video|lyrics sheet|quote card|quote poster|word art|keychain with name
shop sign|bumper sticker|scroll with|illuminated manuscript page|manuscript page|ransom note|scrabble
volante|octavilla|lista de precios|gráfico de barras|tabla comparativa|horario|entrada de concierto|certificado|empaque|portada de libro|portada de revista|página de periódico|página de cómic|letrero de neón|página de inicio|pantalla de aplicación|interfaz|publicación de instagram|currículum|tarjeta de receta|ficha de trabajo|nube de palabras|mapa mental|manual de instrucciones|programa de mano|catálogo|recibo|factura|menú del día|tarjeta navideña|organigrama|póster de película
cartel|cartel de|póster|tarjeta|tarjeta de visita|tarjeta de felicitación|invitación|folleto|infografía|menú|etiqueta|diagrama|portada|calendario|anuncio|pancarta|valla publicitaria|miniatura de youtube|captura de pantalla|página web|diapositiva|cronología|línea de tiempo|carta de vinos|esquema
tract|carte des vins|liste de prix|tableau comparatif|horaires|billet de concert|emballage|page de journal|planche de bd|mème|bannière|panneau d'affichage|page d'accueil|écran d'application|interface|publication instagram|cv|fiche recette|nuage de mots|carte mentale|mode d'emploi|notice|programme de|catalogue|ticket de caisse|facture|tableau de bord|organigramme|menu du jour|plan du métro|faire-part de naissance
affiche|enseigne|carte de visite|carte d'anniversaire|carte de vœux|faire-part|dépliant|infographie|schéma|étiquette|calendrier|couverture de livre|couverture de magazine|panneau publicitaire|miniature youtube|capture d'écran|diapositive|diagramme|frise chronologique|page web|prospectus|carte de menu|bande dessinée avec
weinkarte|getränkekarte|balkendiagramm|vergleichstabelle|eintrittskarte|konzertticket|diplom|verpackung|verpackungsdesign|zeitungsseite|comicseite|werbebanner|werbetafel|webseite|startseite|app-bildschirm|benutzeroberfläche|instagram-post|lebenslauf|rezeptkarte|arbeitsblatt|lernkarten|wortwolke|mindmap|bauanleitung|gebrauchsanweisung|programmheft|katalogseite|kassenbon|rechnung|anzeigetafel|organigramm|weihnachtskarte|geburtsanzeige|aushang|hinweisschild|logo für
plakat|filmplakat|ladenschild|straßenschild|visitenkarte|einladung|einladungskarte|hochzeitseinladung|speisekarte|grußkarte
glückwunschkarte|geburtstagskarte|flugblatt|infografik|etikett|diagramm|flussdiagramm|titelseite|buchcover|zeitschriftencover|kalender|zeitleiste|werbeanzeige|youtube-thumbnail|folie|präsentationsfolie|schaubild|zertifikat|urkunde|fahrplan|stundenplan|preisliste|magazincover
folheto|carta de vinhos|lista de preços|tabela comparativa|ingresso de|embalagem|página de jornal|página de quadrinhos|outdoor publicitário|página inicial|tela de aplicativo|post de instagram|currículo|ficha de receita|nuvem de palavras|manual de instruções|nota fiscal|placar|cartão de natal|letreiro
cartaz|pôster|convite|cartão de visita|cartão de aniversário|panfleto|infográfico|cardápio|rótulo|fluxograma|capa de livro|capa de revista|placa|linha do tempo|anúncio|calendário|miniatura do youtube|captura de tela|slide|diagramas|cartão de receita|gráfico|gráficos|visualização de dados|tabela|mapa conceitual|página de revista|etiquetas|rótulos|cartaz de filme|quadro de avisos|horário|cronograma
manifesto|locandina|volantino|infografica|invito|biglietto da visita|biglietto di auguri|copertina|insegna|menù|diagramma|diagrammi|etichetta|etichette|miniatura youtube|cartello|grafico|grafici|visualizzazione dati|visualizzazione di dati|mappa concettuale|scheda ricetta|scheda informativa|linea del tempo|interfaccia|schermata|pagina web|pagina di rivista|fumetto con|biglietto di invito|certificato|etichetta del vino|listino prezzi|orario|opuscolo|pieghevole|striscione
винная карта|прайс-лист|график|таблица|диплом|упаковка|разворот журнала|газетная полоса|страница комикса|мем|рекламный щит|сайт|экран приложения|интерфейс|резюме|карточка рецепта|облако слов|инструкция|программа концерта|каталог|кассовый чек|табло|чек-лист
плакат|плаката|плакате|афиша|афишу|афиши|вывеска|вывеску|открытка|открытку|приглашение|инфографика|инфографику|инфографики|меню|этикетка|этикетку|этикетки
схема|схему|диаграмма|диаграмму|календарь|обложка|обложку|обложки|визитка|визитку|баннер|постер|листовка|листовку|буклет|сертификат|грамота|слайд|расписание|ценник|комикс с|блок-схема|блок-схему|логотип|табличка|табличку
plakatu|ulotka|zaproszenie|wizytówka|okładka|infografika|infografikę|etykieta|szyld|kartka urodzinowa|schemat|kalendarz|plakaty|plakacie|wykres|wykresy|afisz|baner|logo z|kartka z życzeniami|mapa myśli|cennik|rozkład jazdy|okładka książki|okładka magazynu|dyplom|certyfikat|paragon
afiş|afişi|davetiye|davetiyesi|kartvizit|infografiği|menü|tabelası|broşür|takvim|kapak|diyagram|etiket|küçük resim|şema|şeması|grafik|grafiği|tablo|zaman çizelgesi|fiyat listesi|menüsü|sertifika|kitap kapağı|dergi kapağı|tebrik kartı|doğum günü kartı|pankart|arayüz|arayüzü|tarif kartı
áp phích|thiệp|thiệp mời|thiệp sinh nhật|thực đơn|danh thiếp|biển hiệu|bảng hiệu|tờ rơi|sơ đồ|lịch|bìa sách|bìa tạp chí|đồ họa thông tin|biểu đồ|hình thu nhỏ|nhãn chai|bản vẽ kỹ thuật|bằng sáng chế|sơ đồ tư duy|bảng giá|giấy chứng nhận|giao diện|băng rôn|tờ quảng cáo|thẻ công thức|dòng thời gian|thiết kế logo|logo cho
spanduk|undangan|kartu nama|kartu ucapan|sampul buku|papan nama|brosur|infografis|daftar harga|sampul majalah|selebaran|bagan|peta pikiran|sertifikat|struk|jadwal|antarmuka
uitnodiging|visitekaartje|menukaart|boekomslag|tijdschriftomslag|grafiek|verjaardagskaart|wenskaart|spandoek|uithangbord|tijdlijn|prijslijst|certificaat
""")
SHEETS_PARTS = parts("""
海报 海報 菜单 菜單 招牌 名片 邀请函 邀請函 请柬 請柬 贺卡 賀卡 信息图 資訊圖 信息圖 示意图 示意圖 流程图 流程圖 请帖 喜帖 生日卡 简历 結構圖 结构图 架构图 原理图 解剖图 路线图 时间轴 时间线 折线图 柱状图 饼图 关系图 组织图 对比图 科普图 图解 圖解 攻略图 长图
图表 圖表 思维导图 思維導圖 传单 傳單 封面 广告牌 广告设计 平面广告 横幅 橫幅 标签 標籤 包装设计 包裝設計 包装 日历 日曆 月历 课程表 界面设计 界面 截图 截圖 缩略图 縮圖 幻灯片 投影片 ppt 表格 说明书 宣传册 宣传单 价目表 证书 奖状 门票 车票 表情包 元素周期表 识字卡 单词卡 酒水单 说明图 收据 发票 报纸版面 报纸头版 杂志内页 漫画页 条漫 网页设计 网站首页 仪表盘 词云 脑图 备忘录截图 聊天记录 排行榜 成绩单 工牌 身份证 书签设计 步骤图 教程图 宣传页 折页 灯箱广告 门头 标识设计 品牌设计 字帖 对比表 对比圖 攻略 清单 节目单 时刻表 试卷 菜谱 食谱卡 点菜单 点单 登录页 首页设计 落地页 朋友圈 公告 通知 倒计时 祝福卡 价格表 参数表 宣传图 展板 手抄报 黑板报 易拉宝 路牌 牌匾 春联 匾额 漫画分镜
ポスター 看板 チラシ フライヤー インフォグラフィック メニュー表 メニュー 名刺 招待状 書籍カバー 図解 年表 ラベル 駅名標 カレンダー 表紙 パンフレット サムネイル サムネ スライド フローチャート フラッシュカード 単語カード お知らせ 告知 領収書 請求書 履歴書 レシピカード 時間割 順位表 ワードクラウド マインドマップ ホームページ ウェブサイト アプリ画面 ワインリスト 新聞の一面 雑誌の表紙 漫画のページ 横断幕 垂れ幕 パッケージデザイン グラフ お品書き 品書き 献立表 取扱説明書 案内板 掲示板 ログイン画面 4コマ漫画 四コマ 比較表 相関図 時刻表 年賀状 グリーティングカード バースデーカード 誕生日カード クリスマスカード メッセージカード バナー広告 説明図 チャート 料金表 値札 賞状 証明書 スクリーンショット ui画面 のれん 暖簾 リーフレット 解説図 図表 ダイアグラム 路線図 ロゴデザイン
포스터 간판 전단지 인포그래픽 메뉴판 명함 초대장 청첩장 표지 다이어그램 순서도 달력 현수막 로고_타이포 썸네일 슬라이드 카드뉴스 브로슈어 정보_그래픽 생일_카드 축하_카드 연하장 도표 차트 그래프 타임라인 연표 시간표 가격표 라벨_디자인 안내판 표지판 스크린샷 흐름도 마인드맵 상장 증명서 단어_카드 와인_리스트 영수증 이력서 레시피_카드 순위표 워드클라우드 설명서 홈페이지 웹사이트 앱_화면 신문_1면 잡지_표지 만화_페이지 패키지_디자인 가정통신문 설명도 비교표 안내문 공지 로그인_화면 네컷_만화 4컷_만화 초대_카드 차림표
ملصق لافتة بطاقة دعوة بطاقة_معايدة بطاقة_عمل بطاقة_تهنئة قائمة_طعام قائمة_الطعام إنفوجرافيك انفوجرافيك إنفوغرافيك يافطة مخطط رسم_بياني غلاف_كتاب غلاف_مجلة تقويم كتيب منشور_دعائي إعلان شهادة_تقدير قائمة_أسعار تذكرة واجهة_تطبيق سيرة_ذاتية خريطة_ذهنية فاتورة لوحة_إعلانية لوحة_نيون شهادة_ميلاد صورة_مصغرة رسم_توضيحي_تعليمي جدول_زمني
पोस्टर साइनबोर्ड निमंत्रण मेनू इन्फोग्राफिक इन्फोग्राफ़िक बोर्ड_पर थंबनेल स्लाइड आरेख चार्ट कैलेंडर विज़िटिंग_कार्ड शुभकामना_कार्ड जन्मदिन_कार्ड जन्मदिन_का_कार्ड शादी_का_कार्ड शादी_कार्ड बैनर पत्रिका_कवर मैगज़ीन_कवर लेबल विज्ञापन_पोस्टर ब्रोशर समयरेखा मेन्यू मैन्यू प्रमाणपत्र पैकेजिंग किताब_का_कवर पुस्तक_का_आवरण मीम वेबसाइट ऐप_स्क्रीन समय_सारणी रसीद दर_सूची इन्फ़ोग्राफ़िक प्रमाण_पत्र फ़्लोचार्ट फ्लोचार्ट
ป้ายร้าน ป้ายไฟ ป้ายบอก ป้ายชื่อ โปสเตอร์ อินโฟกราฟิก เมนูอาหาร นามบัตร การ์ดเชิญ การ์ดวันเกิด บัตรเชิญ ใบปลิว แผนภาพ แผนผัง แผนภูมิ ปฏิทิน ภาพปก ปกหนังสือ ปกนิตยสาร ฉลาก สไลด์ แบนเนอร์ ใบประกาศ
""")

# Verbs of writing: what follows, or the quotation beside them, is lettering on a surface.
WRITES = words("""
reads|reading|says|saying|that say|that read|spells|spelling|spelled|spelt|spell out|spelling out|written|write|writing|printed|say|read
engraved with|inscribed with|embroidered with|printed with|stamped with|embossed with|etched with|painted with the words|engraved|embossed|embroidered|stitched|etched|carved|stamped|scrawled|handwritten|hand-lettered|lettered|bearing|piped in|piped on|in icing|in frosting|burned into|branded onto|mown into|mowed into|cut into the|spelled in|scribbled|sprayed|spray-painted|chiseled|chiselled|debossed|inked|painted on|painted in|painted across|stenciled|stencilled|graffitied|knitted|woven|tattooed|hand-painted|typed
displaying|displays|displayed|stating|announces|spell|to spell|tagged|declaring|declares|declare|warning|warns|announcing|proclaiming|proclaims|flashing|blinking|showing the|shows the|featuring the|with the name|labeled|labelled|titled|entitled|captioned|inscribed|branded|emblazoned|marked|set to|lit up with|labeled with|signed
word|words|letter|letters|title|message|phrase|text|name|slogan|label|caption|headline|inscription
diga|que dice|que diga|se lee|se lea|escrito|escrita|titulado|titulada|etiquetado|etiquetada|rotulada|dicen|que ponga|grabado|impreso|rotulado|reza|que muestra|rotula|rotule|etiqueta los|etiqueta las|escribe|escriba|pon el texto
qui dit|écrit|écrite|écrits|intitulé|intitulée|inscrit|inscrits|inscrite|gravé|brodé|imprimé|portant|indiquant|affichant|marqué|étiqueté|étiquetée|qui affiche|on lit|on peut lire|portant l'étiquette|écris|écrivez|étiquette les|étiquetez|légende les
steht|stehen|geschrieben|beschrifte|schreibe|lautet|heißt|bedruckt|graviert|gestickt|gedruckt|aufgedruckt|zeigt den|trägt die|mit den worten|beschriftet
que diz|dizendo|lê-se|gravado|impresso|bordado|intitulado|com os dizeres|escreva|etiquete
che dice|scritto|scritta|scrivi|etichetta i|etichetta le|si legge|recita|inciso|stampato|ricamato|intitolato
написано|гласит|гласящая|гласящий|надписью|написанный|написанное|выгравировано|напечатано|вышито|подписано
napisem|napisane|głosi|z napisem
yazan|yazılı|yazıyor|yazısı|diyen|adlı
ghi|viết|có ghi|với dòng chữ|in chữ|khắc|mang dòng chữ
bertuliskan|tertulis|berbunyi|bertulisan|tulisan
that begins|which begins|demands|demanding|that demands|anuncia|anunciando|annonce|urging|pleading|starting with the words|beginning with the words
q diga|q ponga|k diga|que dija|ke diga|q diz
eingebrannt|draufsteht|drauf steht|wo draufsteht|steht drauf|leuchtet|eingraviert|grabado con|pintado con la frase|a caratteri
""")
WRITES_PARTS = parts("""
写着 寫著 写有 寫有 写上 寫上 写道 写了 写的是 印着 印著 印有 刻着 刻著 刻有 刻在 雕刻 绣着 绣有 编织着 画着“ 画着「 标有 標有 标着 题为 題為 显示“ 显示「 顯示「 显示着 顯示著 内容为 內容為 内容是 文字为 文字為 标题为 标题是 標題為 写“ 写「 寫「 贴着 涂着 喷着 拼成 拼出 组成 构成 構成 上书 上書 浮现 浮現 映出 闪烁着 閃爍著 投影出 亮着 亮起 弹出 打出 印出 呈现“ 呈现出“ 出现“ 信息“ 信息：“ 訊息「 消息“ 消息：“ 提示“ 提示：“ 代码“ 代码：“ 一句诗 一首诗 一行诗 签名“ 放“ 放「 加“ 加「 配“ 配上“ 编号“ 车牌“ 对白“ 弹幕“ 告示：“ 字：“ 字“
と書 書かれ 書いて 描かれた「 と表示 という文字 と記され 記されて 表記され 明記 と刻まれ 刻まれた 印字 印刷された と入った という言葉 というタイトル と題し というテロップ 表示されて 」を入れ 」と入れ 』を入れ 」を配置 」を表示 名は「 名：「
라고 이라고 적힌 적혀 쓰인 쓰여 써진 쓰여진 새겨진 새겨져 인쇄된 표시된 표시되 문구가 라는_제목 라는_문구 라는_글
مكتوب كتب_ يكتب تقول يقول منقوش محفور مطبوع مطرز تحمل_عبارة بعنوان كُتب
लिखा लिखी लिखे लिखें छपा उकेरा अंकित नाम_का शीर्षक_वाला
เขียนว่า เขียนคำว่า พิมพ์ว่า ระบุว่า สลัก มีคำว่า ที่มีข้อความ อ่านว่า มีชื่อว่า ปักคำว่า
عليها_« عليه_« عليها_" عليه_" عليها_“ عليه_“
写： 写" 写『
印“ 刻“ 绣“ 印「 刻「 题“ 喷“ 贴“
写的“ 写的「 寫住「 寫住“ 写住 写着“
""")

# Those of them that need no quotation: what is written, not what somebody reads or paints.
WRITTEN = words("""
says|saying|say|reads|read|write|writing|that say|that says|that read|that reads|spells|spelling|spelled|spelt|spell out|spelling out|to spell|written|inscribed|lettered|handwritten|hand-lettered|scrawled|scribbled|labeled|labelled|titled|entitled|captioned|emblazoned|engraved with|embroidered with|printed with|stamped with|embossed with|painted with the|with the words|with the word|with the message|with the text|with the name|with the phrase|text|slogan|message|phrase|writing on|sign reading|sign reads|reading
que dice|que diga|se lee|escrito|escrita|qui dit|écrit|écrite|inscrit|on peut lire|steht|geschrieben|mit den worten|que diz|dizendo|lê-se|che dice|scritto|scritta|si legge|написано|гласит|надписью|yazan|yazılı|ghi|có ghi|bertuliskan|tertulis
eingebrannt|draufsteht|wo draufsteht|steht drauf|eingraviert
""")
# Surfaces that carry lettering when something is written on them, or when they have a name.
SURFACES = words("""
sign|signs|signboard|board|billboard|banner|placard|shirt|t-shirt|tshirt|tee|hoodie|sweater|sweatshirt|jersey|uniform|cap|hat|mug|cup|bottle|can|box|jar|label|labels
reminder|reminders|memo|notice board|announcement board|bulletin board|sticker|tattoo|graffiti|wall|mural|plaque|screen|monitor|display|marquee|neon|chalkboard|blackboard|whiteboard|bib|helmet|sail|hull|armband|wristband|bracelet|pendant|ring|medal|trophy|crate|barrel
newspaper|magazine|book|cover|notebook|diary|journal|page|letter|envelope|card|badge|logo|emblem|flag|cake|cookie|cookies|storefront|shop|store|cafe|café|restaurant|bakery|bar|hotel|diner|awning|window|balloon|balloons
truck|van|car door|license plate|button|keyboard|ticket|stamp|coin|gravestone|tombstone|headstone|door|doormat|mat|plate|signpost|stone|rock|sand|snow|sky|smoke|fireworks|lid|spine|scarf|pillow|blanket|apron|tote bag|backpack
package|packaging|packet|tube|slide|chart|bag|note|sticky note|post-it|scroll|paper|parchment|map|poster|menu|scoreboard|clock tower|street sign|road sign|thermometer|interface|hologram|dashboard|panel|bubble|bubbles|boat|ship|headline|front page|brand|decal|patch|notice|tag|topper|lantern|frame|runes|marquee sign|jacket|dress|back|chest|forehead|arm|desk
tie|necktie|neck tie|bow tie|socks|sneakers|headband|bandana|sash|skateboard|surfboard|podium|pavement|sidewalk|asphalt|chalk|ribbon|tile|tiles|fabric|towel|gate|fence|bench|bus|tram|train|wagon|suitcase|lunchbox|keychain|wrapper|carton|tin|barn|tower|bridge|arch|maze|lawn|foam|latte|chocolate|pumpkin|wrist|collar|forearm|knuckles|buoy|hot air balloon|blimp|airplane|locomotive|crown|trunk|windshield|boulder|pier|mailbox|charm|locket|bookmark|pin|coaster|casket|chalk art
schild|panneau|placa|cartel|letrero|enseigne|affiche|plakat|tafel|wand|becher|tasse|flasche|etikett|camiseta|taza|botella|pared|pizarra|pantalla|bouteille|mur|tableau|écran|étiquette|porte|tür|bildschirm|parede|caneca|garrafa|tela|quadro|lavagna|maglietta|parete|вывеска|вывеске|вывеской|вывеску|табличка|табличке|стене|футболке|футболка|кружке|кружка|плакате|плакат|доске|доска|экране|коробке|бутылке|двери|tabela|tişört|duvar|fincan|bardak|ekran|biển|bảng|áo|cốc|tường|màn hình|papan|kaos|dinding|layar
holzschild|zielanzeige|anzeigetafel|anzeige|schilder|straßenschild|ladenschild|blechschild|türschild|grabstein
""")
SURFACES_PARTS = parts("""
牌子 木牌 路牌 门牌 招牌 黑板 白板 墙上 墙面 t恤 衬衫 杯子 马克杯 瓶子 瓶身 包装 盒子 屏幕 横幅 旗帜 旗子 卡片 信封 蛋糕 门上 石碑 石头 书上 封面 标签 灯箱 霓虹 纸条 便签 气球 毯子 帽子 袋子 票 奖牌 海报 广告牌 店铺
看板 立て札 黒板 ホワイトボード 壁に tシャツ マグカップ ラベル 画面 のれん 暖簾 提灯 ちょうちん 紙に 封筒 ケーキ 旗 ドア 木札 札 店
간판 칠판 화이트보드 벽에 티셔츠 머그컵 머그잔 병 라벨 화면 현수막 종이 케이크 상자 카드 표지판 팻말 문에 가게
لافتة يافطة جدار الحائط قميص كوب زجاجة شاشة سبورة ورقة كعكة باب صندوق
बोर्ड दीवार टी-शर्ट कप मग बोतल स्क्रीन डिब्बे केक साइन कागज दुकान
ป้าย กำแพง เสื้อ แก้ว ขวด จอ หน้าจอ กล่อง กระดาน กระดาษ เค้ก ร้าน
便利贴 便利貼 气泡 氣泡 천막 لوحة
""")

# What takes a mention of lettering back; the strong ones govern everything that is listed after them.
REFUSALS = words("""
no|without|free of|minus|never|not|don't|nor|zero|lacks|lacking|nothing|nowhere|cannot|can't|contains no|zero visible|before the|sin|ningún|ninguna|sans|aucun|aucune|pas de|pas d
ohne|nichts|kein|keine|keinen|keinerlei|sem|nenhum|nenhuma|nada de|senza|nessun|nessuna|niente|nulla|без|нет|никаких|bez|żadnych|olmadan|không có|không|tanpa|never any|isn't|doesn't|aren't|rather than|instead of
zonder|geen
""")
FORBIDS = words("""
leave out|leaves out|leaving out|leave off|omit|omits|omitting|skip the|skip any|don't put|do not put|don't write|do not write|don't show|do not show|don't want|do not want|must not contain|must not include|should not contain|should not include|keep it free of|keep it free from|refuse|ban|avoid|avoids|avoiding|exclude|excluding|excludes|remove all|remove any|without any|free from|free of any|devoid of|do not include|don't include|do not add|don't add|must not|should not|do not|negative prompt|negative|negatives|negative prompts|avoid any|refrain from|not include|not contain|no visible|never include|prohibit|forbidden|undesired|exclusions
evita|evitar|evite|évitez|éviter|vermeide|vermeiden|no incluyas|no incluir|no añadas|sin ningún|n'incluez pas|n'ajoutez pas|pas de texte|keine texte|no aparezca|no aparezcan|que no haya|no pongas|no debe haber|no escribas|omite|il ne doit y avoir|ne mets pas|ne mettez pas|n'écris rien|keine schrift|weder|verzichte auf|lass weg|não coloque|não escreva|não deve haver|não inclua|não adicione|não incluir|evitare|non includere|избегай|избегать|избегайте|не добавляй|не добавляйте|не включать|исключить|unikaj|kaçının|içermesin|eklemeyin|tránh|không bao gồm|hindari|jangan
dont write|dont put|dont add|dont include|dont want
""")
BLANK = words(
    "blank|empty|unreadable|illegible|blurred|blurry|gibberish|garbled|unlabeled|untitled|unmarked|distorted|tiny unreadable|random|weird|extra|boş|leer|leere|leeres|leerer|leeren|leerem|vacío|vacía|vacíos|vacías|en blanco|vide|vides|vierge|vierges|em branco|vazio|vazia|пустой|пустая|пустое|пустые|пустым|пустую|чистый|чистая|bianco|vuoto|unbeschriftet|unbeschriftete|unbedruckt|completamente bianca|completamente bianco|masih kosong|kosong|без надписи|без надписей|sin texto|sin letras|sans inscription|sans texte|ohne aufschrift|ohne schrift|senza scritte|sem letras|without text|with no text|with nothing on it|apagado|apagados|apagada|apagadas|spento|spenta|éteinte|éteint"
)
BLANK_PARTS = parts("فارغ خاوية 真っ白な 無地の ")
NO_BEFORE_PARTS = parts("""
无 無 没有 沒有 不要 不含 不带 不帶 不得 禁止 避免 不包含 不包括 不出现 不出現 不需要 去掉 不加 不添加 不出现任何 不写 别写 别加 请勿 省略 不使用 不印 不能有 不可有 未 空白 负面提示 負面提示 反向提示 余計な ネガティブ 네거티브
ไม่มี ไม่ต้อง ห้าม ไม่ใส่ ไม่เอา ปราศจาก หลีกเลี่ยง บดบัง بدون بلا_ خالٍ خالية لا_ تجنب دون_ बिना कोई_भी
""")
NO_AFTER_PARTS = parts("""
なし 無し ない 禁止 不要 入れず 含めず 入れない 含めない 含まない 含みません 含まず 避け ません 入れないで 書かれていない 書かれてない 省いて 抜きで 排除 除外 なく ゼロ
없음 없이 없는 없고 없습니다 없도록 없어야 금지 넣지 포함하지 포함되지 피하 제외 않도록 않은 않습니다 마세요 말고 아닙니다 아니므로
नहीं बचें न_रख न_डाल न_जोड़ ना_हो शामिल_न के_बिना न_हो न_हों मुक्त
""")
REFUSED = words(
    "yazı olmasın|yazısız|yazı yok|metin olmasın|metinsiz|add the copy myself|add the text myself|add copy myself|add text myself|add text later|add the text later|add my own text|text will be added|textless|text-free|logo-free|logoless|watermark-free|label-less|labelless|unlabeled|unbranded|wordless|untitled|textfrei|textlos|caption-free|letterless|nothing written|nothing is written|nothing on it|no writing on|rien d'écrit|nichts geschrieben|nada escrito|ничего не написано|add the words myself|add words myself|write the words myself|put the words in myself|no names|no numbers|no axis|no axes|no figures or numbers|no digits|no place names|unlabelled|sin nombres|sans noms|ohne namen|senza nomi|sem nomes|без названий|без подписей|put the title in myself|title in myself|sem letra nenhuma|sem letra|sem letras|sin letras|sin letra|sans lettres|ohne buchstaben|senza lettere|dont write anything|don't write anything|write nothing|bez liter|bez napisów|bez tekstu|zonder tekst|zonder letters|niente scritte|nessuna scritta|sin escritura|drop my headline in|drop my text in|headline in later|text in later|overlay the headline myself|overlay the text myself|overlay text myself|no labels|without labels|no labelling|no labeling|no captions|keep it wordless|no names on it|schrift brauch ich keine|text brauch ich keinen|keine schrift|kein text|n'y mets aucun texte|n'y mettez aucun texte|aucun texte|текста быть не должно|букв быть не должно|надписей быть не должно|sans étiquettes|sin etiquetas|sin rótulos|sem rótulos|senza etichette|ohne beschriftung|ohne beschriftungen|bez podpisów|etiketsiz|tanpa label|không nhãn|kuch likhna mat|kuch mat likhna|kuch likha na ho|kuch na likha|no type on it|no type on|get rid of the writing|get rid of all writing|schrift kommt später|text kommt später|schrift kommt dann|текста не надо|надписей не надо|букв не надо|senza alcun carattere|senza alcuna scritta|text bilkul mat|text mat daalna|text mat dalna|koi text nahi|text nahi chahiye|jangan ada tulisannya|jangan ada tulisan|headline is live|pas de lettrage|sin letra alguna|sin ninguna letra|sem nenhuma letra|ohne jeden text|ohne jegliche schrift|no writing i|no label on it|has anything written|have anything written|sollen nicht im bild|soll nicht im bild|nicht im bild erscheinen|nicht auf dem bild erscheinen|bez żadnych napisów|żadnych napisów|pas d écriture|no lettering of any kind|keep the speech bubbles out|no speech bubbles|nirgendwo wörter|keine wörter|keine schilder|non metterci parole|non mettere parole|senza parole|koi text mat|text mat|sin texto porfa|ni una letra|ni una palabra|title will be typeset later|titel kommt später|titre ajouté plus tard|nessuna parola|keine buchstaben"
)
REFUSED_PARTS = parts(
    "何も書かれて 何も書いて 什么都没写 什么也没写 没有任何字 아무것도_쓰여 아무것도_적혀 कुछ_नहीं_लिखा 不带任何字 不带字 不要任何字 不要字 不写字 只要画面 不要文字 文字なし 文字は入れな 글자_없이 글씨_없이 ما_يتكتب من_غير_كتابة بدون_كتابة من_دون_كتابة ما_تكتب لا_تكتب كوئی_لیبل कोई_लेबल लेबल_न_हो लिखावट_न कुछ_न_लिखा लिखना_मत कुछ_मत_लिख 何も書かない 文字は全部消して 文字は全て消して 文字は消して 글자가_하나도 글자는_하나도 글씨가_하나도 글씨_하나_없이 من_غير_أي_كتابة بدون_أي_كتابة 글자는_제가 글씨는_제가 文字は自分で 文字はこちらで 字我自己加 文字我自己加 文字后期加 一个字都别 一個字都別 一个字都不 글자_들어가면_안 글자_넣지_마 글자는_넣지 文字我后期 字我后期"
)
# "No other text" says that there is some.
LIMITED = words("""
avoid extra text|no unnecessary text|avoid additional text|avoid random text|avoid misspelled|avoid misspellings|avoid typos|no typos
no other text|no additional text|no extra text|no other words|no other writing|no other lettering|no additional words|no text other than|no text except|no text besides|no extra words|only the text|only text|without additional text|no further text|no misspelled text|no misspelled words|no spelling errors|no spelling mistakes|no random text|exact text|legible text|readable text|text must be
sin otro texto|sin texto adicional|sans autre texte|kein weiterer text|keine weiteren texte|sem outro texto|sem texto adicional|без другого текста
""")
LIMITED_PARTS = parts(
    "清晰可读 文字清晰 文字可读 文字准确 文字正确 读得清 読みやすい文字 文字は正確 텍스트는_정확 글자는_정확 其他文字 多余文字 額外文字 额外文字 其它文字 以外のテキスト 他の文字 以外の文字 余計な文字 다른_텍스트 추가_텍스트 다른_글자 字体不要变形 文字不要变形 字不要变形 文字不变形 不要乱码 没有乱码 无乱码 不要错字 没有错别字 文字化けなし 文字化けしない 글자_깨짐_없이 깨지지_않게"
)

# Quoted words that are heard, named or felt, not seen.
HEARD = words("""
shouts|shouting|shouted|yells|yelling|yelled|whispers|whispering|whispered|screams|screaming|sings|singing|thinks|thinking|asked|humming|hums|chants|chanting|chant
arguing|argue|said|she says|he says|they say|tells|told|asks|asking|replies|murmurs|laughs|cries|exclaims|plays|playing|performs|performing|the song|song|to the tune of|lyrics of
nicknamed|nickname|known as|called himself|named after|apodado|apodada|llamado|llamada|conocido como|conocida como|surnommé|surnommée|dite|appelé|appelée|genannt|genannte|namens|spitzname|spitznamen|прозвище|прозвищу|прозвали|по имени|по кличке|кличка|кличке|apelidado|apelidada|conhecido como|conhecida como|chamado|chamada|soprannominato|soprannominata|so-called|dubbed|everyone calls|calls|calls him|calls her|call him|alias|aka|is called
style of|the style of|manner of|the manner of|in the vein of|in the style|styled after|inspired by|reminiscent of|based on|from the film|from the movie|the film|the movie|movie|film|the album|album by|anime
the novel|the painting|painting by|the series|series|the game|video game|vibe|vibes|mood|feeling|feel like|feels like|aesthetic|sense of|spirit of|look of|homage to|scene from|scenes from|still from|stills from|frame from|shot from|moment from|screenshot from|as seen in|characters from|fan art of|cosplay of|character from|à la manière|a la manera|inspired
concept of|theme of|themed|evokes|evoking|conveys|expressing|the idea of|rule|effect|style|styled|like the word|feel like the word|atmosphere|pose|shaped|shape|known for|meaning|called the|technique|tradition of|metaphor|palette|colour palette|color palette|lighting|colour grading|color grading|grading|tones|aesthetics|composition|compositional|look|looks|meets|energy|fashion|genre|cosplay|impression of|kind of|era|fans|fan|universe|world of|franchise|character|trope|myth of|legend of|adaptation of|tale of|story of|fairy tale|book by|poem by|play|opera|ballet|musical|tune|melody
estilo de|al estilo de|estilo|inspirado en|inspirada en|ambiente|película|style de|dans le style|inspiré de|inspirée de|ambiance|im stil von|stil|inspiriert von|stimmung|в стиле|стиле|atmosfera|no estilo de|inspirado em|nello stile di|stile|susurra|grita|canta|flüstert|ruft|singt|murmure|crie|chante|кричит|шепчет|поёт|tarzında|tarzı|theo phong cách|phong cách|gaya|sussurra|dice la mujer|fragt
im ton von|ganz im ton|im geiste von|im geist von|frei nach|angelehnt an|nach motiven aus|nello spirito di|nel tono di|ispirato a|ispirata a|nell'atmosfera di|alla maniera di|no clima de|no espírito de|na vibe de|na pegada de|inspirada em|en el espíritu de|en el tono de|en la onda de|grabados de|ilustraciones para|dans l'esprit de|dans le ton de|à la façon de|в духе|по мотивам|в настроении|havasında|ruhunda|w klimacie|w duchu|in de geest van|in the spirit of|in the mood of|in the tone of
si chiama|che si chiama|s'appelle|qui s'appelle|nach dem motto|inspirée du|inspiré du|inspirés de|inspirées de|ilustraciones de|blog post titled|essay titled|article titled|my novel titled|a book titled|acabado|traço|finition|im look von|aire de|tipo|rollo
façon|un aire|aire|cara de|com cara de|con pinta de
dans l'esprit du|dans l'esprit de la|a scene like in|like in|resa come|reso come|ispirato al|ispirata al|inspirado no|inspirada no|inspirado en la|frei nach dem
""")
HEARD_PARTS = parts("""
的感觉 的感覺 的氛围 的氛圍 的气氛 风格 風格 喊着 唱着 说道 說道 大喊 意境 主题曲 电影《 绰号 外号 昵称 所谓 被称为 喊道 色调 色調 名为 名叫 叫做 人称 那种 画风 質感 质感 笔下 大叫 低语 低声说 笑着说 问道 回答
という雰囲気 のような雰囲気 のスタイル 風の スタイル 雰囲気 と叫 と言って と言い と言う あだ名 と歌 と囁 ささや 通称 と呼ばれ いわゆる と手を振 と笑 と泣 と呼ぶ と話 風な 調の という曲 という名 タッチ
느낌 스타일 분위기 라고_외치 라고_말하 라고_말한 이라는_별명 라는_별명 풍의 화풍 라고_속삭 별명 라고_불리 노래 이라고_외치 이라고_말하
بأسلوب على_طراز يهمس يصرخ تهمس تغني يغني المعروف_ب الملقب أجواء على_غرار طراز
शैली फुसफुसा चिल्ला अंदाज़ गाती गाता माहौल कहलाने
สไตล์ บรรยากาศ กระซิบ ตะโกน ร้องเพลง ฉายา
这个故事 的故事 这个成语 的典故 的寓言 这首诗 这句诗的意境 という物語 の物語 의_이야기
那种调调 那种味 那种感觉 那种氛围 的调调 的调性 の世界観 の空気感 みたいな雰囲気 무드로 무드의 감성의 감성으로 على_روح بروح في_أجواء के_अंदाज़ की_तर्ज
노래_제목 곡_제목 という題の という小説 の主題歌
مستوحاة مستوحى من_وحي से_प्रेरित
""")
TRAPS_PARTS = parts(
    "빈_간판 빈_표지판 빈_게시판 빈_광고판 빈_현수막 빈_종이 빈_카드 빈_라벨 단어_선택 शब्दों_के_चयन 글자_수 ルーン文字 古代文字 象形文字 文字化け 数字绘画 數字繪畫 数字艺术 數位 数字插画 关键词 關鍵詞 キーワード 키워드 แปลง แปลก คำสำคัญ 书法家 書法家 書道家 カメラのラベル 広告写真 广告摄影 广告级 広告風 광고_사진 新聞紙 海报质感 海报级 封面级 杂志级 杂志风 雑誌風 无声 無聲 无光 无尽 無盡 无数 無數 无人 無人 无限 無限 无法 無法 无比 無比 无垠 無垠 无形 無形 无边 無邊 无辜 无色 无味 无瑕 無瑕 无敌 无缝 无机 无线 無線 无意 无论 无聊 无助 无力 无奈 无畏 无私 无忧 无云 无风 无际 无双 无情 无名 无影 无暇 无穷 无语 無語 无缘 无故 无精 无处 无花 无框 无袖 无糖 无烟 无障碍 虚无 未来 未來 留白 给文字 給文字 留给文字 打电话 打電話 接电话 电话亭 電話亭 文字区域 标题区域 文字区 文案区 文本区域 アイコンフォント 图标字体 圖標字體 아이콘_폰트 شخصيات_خط ppt背景 幻灯片背景 スライド背景 스라이드_배경 슬라이드_배경  ppt做一张背景 ppt做背景 给ppt做背景 价格贴纸 价格标签贴"
)
TRAPS = words("""
tabela yok|tabelalar yok|etiket yok|levha yok|afiş yok|pankart yok|tabela olmasın|etiket olmasın|levha olmasın
my name is|his name is|her name is|its name is|their name is|his name's|her name's|my name's|name brand|background for a slide|background for a webinar slide|background for my slides|background for slides|background for a presentation|ticket inspector|ticket inspectors|ticket collector|ticket booth|ticket office|ticket machine|ticket counter|ticket gate|ticket line|menu of clouds|album cover art style|album cover style|lighting up|book cover style|title deed|writing was on the wall|writing is on the wall|illustration for landing page|illustration for a landing page|illustration for website|illustration for a website|illustration for a blog post|illustration for blog post|illustration for an article|image for a landing page|photo for a website|photo for a blog post|image for a blog post|hero image for|header image for|background for a website|background for a landing page|background for a poster|background for a flyer|poster background|flyer background|banner illustration|banner photo|banner photograph|banner image|banner background|wide banner|horizontal banner|hero banner|website banner image|imagem de catálogo|foto de catálogo|imagen de catálogo|photo de catalogue|image de catalogue|katalogfoto|katalogbild|catalog photo|catalogue photo|catalog image|catalogue image|catalog shot|catalog photography|catalog style|headline area|headline areas|text area|text areas|title area|text zone|text zones|title zone|text block area|for text overlay|for text overlays|for a text overlay|for later text overlay|for text overlay later|space for a headline|space for headline|room for a headline|space for title|zone de titre|zones de titre|zone de texte|zones de texte|espace pour le texte|espacio para texto|área de texto|áreas de texto|zona de texto|zona de título|textbereich|platz für text|textfläche|spazio per il testo|area di testo|espaço para texto|место для текста|miejsce na tekst|space for text|room for text|copy space|space for copy|text space|area for text|place for text|man of letters|woman of letters|men of letters|delivering letters|delivers letters|stack of letters|bundle of letters|pile of letters|bundles of letters|old letters|letters home|reading letters|writing letters|writes letters|mailing letters|sealed letters|opening letters|sorting letters|carrying letters|burning letters|a letter home|delivering a sentence|handing down a sentence|life sentence|choice of words|word choice|choix de mots|elección de palabras|wortwahl|escolha de palavras|play on words|letterboxed|card dealer|card trick|card player|card players|calendar girl style|a slide and|and a slide|quote unquote|banner cloud|banner clouds|graph of emotions|label turned away|turned away label|greeting each other|greeting the|play of light|spelling bee|cast a spell|casting a spell|casting spells|magic spell|family tree house|dead letter|letter box|letterbox|certificate holder|sticker on the|stickers on|posters on the wall|torn posters|old posters
headline singer|headline show|letter carrier's|letter writer|letter opener|textbook
letter carrier|letter carriers|headline act|headline acts|sign language|sign of|signs of|title fight|word of mouth|poster child|newsletter
poster bed|four-poster|four-poster bed|texting|love letter|love letters|reading glasses|reading a book|reading book|reading a newspaper|reading the newspaper|reading newspaper|holding a newspaper|reading a magazine|reading lamp|reading nook|reading room|reading chair|reading a letter
blank page|blank pages|menu of options|chart a course|charts a course|off the charts|badge of honor|slide guitar|water slide|text message|text messages|in other words|without words|beyond words|at a loss for words|key words|keywords|keyword|style keywords|palabras clave
playground slide|slides down|water slides|playground slides|slides into|like the word|like the words|feel like the word|slide down|children slide|children slides|postcard view|postcard-perfect|postcard perfect|caption-worthy|poster-worthy|car dashboard|modern dashboard|dashboard of a car|dashboard camera|leather dashboard|dashboard of the
stop sign|stop signs|thumbnail image|thumbnail of|prison sentence|character sheet|character design sheet|number of|a number of|the number of|poster colors|poster paint|calendar girl|page boy|league of legends|movie poster style|poster style|poster art style|editorial style|magazine style|magazine-style|poster quality|ad campaign photography|advertising photography|commercial advertising photography|newspaper hat|newspaper stand|newspaper boy|rose window|font of water|baptismal font|holy water font|ui-free|x marks the spot
man reading|woman reading|girl reading|boy reading|person reading|people reading|child reading|sits reading|sitting reading|is reading|and reading|reading and|reading in|reading under|reading by|reading on|writing a|writing in|a letter to|school badge|sheriff badge|police badge|sheriff's badge|newspaper on|stack of newspapers|pile of newspapers|box office|comic strip style|playing cards|deck of cards|card table|card game|playing card|credits card|tarot reader|chalk cliffs|traffic jam|graph paper|title holder|ancient text|ancient texts|recipe for disaster|free-form text|carte blanche|la carte|à la carte|family menu|en carte|ui designer
ad photography|ad photo|ad photos|ad shot|ad shoot|ad style|ad-style|ad lighting|gameplay screenshot|gameplay-screenshot|game screenshot|in-game screenshot|screenshot of gameplay|gameplay screenshots|to notice|take notice|takes notice|notices
powerpoint background|powerpoint backgrounds|background for my powerpoint|background for a powerpoint|background image for my powerpoint|slide background|slide backgrounds
the words myself|words myself|the text myself|text myself|words in myself|title myself
the letter writer|creative writing|writing prompt|writing prompts|will write about|write about it|write about this
name the price|good morning light|good morning sun|numbers round the clock table|proof of|waterproof|bulletproof|fireproof|foolproof|shatterproof
background for a powerpoint slide|sfondo per una slide|fondo para una diapositiva|hintergrund für eine folie|fond pour une diapositive|fundo para slide|latar belakang undangan|background for an invitation|invitation background|cheering their names|shouting their names|calling their names|chanting their names
""")
