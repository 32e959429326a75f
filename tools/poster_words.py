"""What the posters of `tools.proof_table` say: phrases of our own in eight languages, and the letters that faults use."""

from __future__ import annotations

_LINES = {
    "en": """Summer Jazz Nights|Grand Opening|Fresh Bread Daily|Open from 9 to 5|Live Music and Dancing|Night Market by the River
        Admission $12.50|Bring your own cup|The Quiet Library|Harvest Festival|Tomorrow at Noon|Buy one, get one free
        Old Harbour Cinema|Saturday, 14 June|Wild Honey & Almonds|Please mind the step|Winter Sale 40% off|Garden Workshop
        Handmade Candles|Free entry for children|Lost and Found|Coffee, tea and cake|Mountain Rescue|Doors open 19:30
        Electric Bikes for Rent|City Marathon 2026|Learn to juggle|Blue Moon Theatre|Rooftop Yoga|Keep the forest clean""",
    "es": """Noches de jazz en verano|Gran inauguración|Pan recién hecho|Abierto de 9 a 14 h|Música en vivo y baile
        Mercado nocturno junto al río|Entrada 12,50 €|Trae tu propia taza|La biblioteca tranquila|Fiesta de la cosecha
        Mañana a mediodía|Lleva dos y paga uno|Cine del puerto viejo|Sábado, 14 de junio|Miel silvestre y almendras
        Cuidado con el escalón|Rebajas de invierno 40 %|Taller de jardinería|Velas hechas a mano|Niños gratis
        Objetos perdidos|Café, té y pasteles|Rescate de montaña|Puertas abiertas 19:30|Bicicletas eléctricas
        Maratón de la ciudad 2026|Aprende a hacer malabares|Teatro Luna Azul|Yoga en la azotea|¡Cuidemos el bosque!""",
    "zh": """夏夜爵士音乐会|盛大开业|每日新鲜面包|营业时间九点至五点|现场演出与舞蹈|河边夜市|门票 80 元|请自带水杯|安静的图书馆|丰收节
        明天中午开始|买一送一|老码头电影院|六月十四日星期六|野生蜂蜜与杏仁|小心台阶|冬季特卖六折|园艺课堂|手工蜡烛|儿童免费入场
        失物招领|咖啡、茶和蛋糕|山地救援队|晚上七点半开门|电动自行车出租|城市马拉松 2026|学习杂耍|蓝月亮剧场|屋顶瑜伽|保护森林""",
    "ja": """夏の夜のジャズ祭り|本日グランドオープン|毎朝焼きたてのパン|営業時間は九時から五時|生演奏とダンス|川沿いのナイトマーケット|入場料 1,200円
        マイカップをお持ちください|静かな図書館|収穫祭のお知らせ|明日の正午から|ひとつ買うともうひとつ無料|港の古い映画館|六月十四日土曜日
        天然はちみつとアーモンド|足元にご注意ください|冬のセール四割引き|庭づくり教室|手作りキャンドル|お子さまは無料です|落とし物センター
        コーヒーと紅茶とケーキ|山岳救助隊|夜七時半に開場|電動自転車レンタル|市民マラソン 2026|ジャグリング入門|青い月の劇場|屋上ヨガ|森を守ろう""",
    "ru": """Летние ночи джаза|Торжественное открытие|Свежий хлеб каждый день|Открыто с 9 до 17|Живая музыка и танцы|Ночной рынок у реки
        Вход 500 рублей|Приходите со своей кружкой|Тихая библиотека|Праздник урожая|Завтра в полдень|Два по цене одного
        Кинотеатр старого порта|Суббота, 14 июня|Дикий мёд и миндаль|Осторожно, ступенька|Зимняя распродажа 40%|Школа садовода
        Свечи ручной работы|Детям вход свободный|Бюро находок|Кофе, чай и пирожные|Горные спасатели|Двери открыты в 19:30
        Прокат велосипедов|Городской марафон 2026|Учимся жонглировать|Театр Синяя луна|Йога на крыше|Берегите лес""",
    "ko": """여름밤 재즈 콘서트|성대한 개업 행사|매일 갓 구운 빵|영업 시간 9시부터 5시|라이브 음악과 춤|강변 야시장|입장료 8,000원
        개인 컵을 가져오세요|조용한 도서관|가을 수확 축제|내일 정오에 시작|하나 사면 하나 더|오래된 항구 극장|6월 14일 토요일
        야생 꿀과 아몬드|계단을 조심하세요|겨울 할인 판매|정원 가꾸기 교실|손으로 만든 양초|어린이 무료 입장|분실물 보관소
        커피와 차와 케이크|산악 구조대|저녁 7시 반 개장|전기 자전거 대여|시민 마라톤 2026|저글링 배우기|푸른 달 소극장|옥상 요가|숲을 지켜 주세요""",
    "ar": """ليالي الجاز الصيفية|الافتتاح الكبير|خبز طازج كل يوم|مفتوح من الصباح حتى المساء|موسيقى حية ورقص|سوق ليلي قرب النهر
        الدخول مجاني للأطفال|أحضر كوبك معك|المكتبة الهادئة|مهرجان الحصاد|غدا عند الظهر|اشتر واحدة واحصل على أخرى|سينما الميناء القديم
        السبت في حزيران|عسل بري ولوز|انتبه إلى الدرجة|تخفيضات الشتاء|ورشة البستنة|شموع مصنوعة باليد|مكتب المفقودات|قهوة وشاي وكعك
        فريق إنقاذ الجبال|تفتح الأبواب مساء|دراجات كهربائية للإيجار|ماراثون المدينة|تعلم ألعاب الخفة|مسرح القمر الأزرق|يوغا على السطح
        حافظوا على الغابة|معرض الكتاب السنوي""",
    "hi": """गर्मियों की संगीत रात|भव्य उद्घाटन|रोज़ ताज़ी रोटी|सुबह से शाम तक खुला|संगीत और नृत्य|नदी किनारे रात का बाज़ार|बच्चों का प्रवेश निःशुल्क
        अपना प्याला साथ लाएँ|शांत पुस्तकालय|फसल का त्योहार|कल दोपहर में|एक के साथ एक मुफ़्त|पुराने बंदरगाह का सिनेमा|शनिवार चौदह जून
        जंगली शहद और बादाम|सीढ़ी पर ध्यान दें|सर्दियों की छूट|बागवानी की कक्षा|हाथ से बनी मोमबत्तियाँ|खोया पाया केंद्र|चाय कॉफ़ी और केक
        पहाड़ बचाव दल|शाम को द्वार खुलेंगे|किराये की साइकिल|नगर मैराथन|करतब सीखें|नीला चाँद रंगमंच|छत पर योग|जंगल बचाओ|वार्षिक पुस्तक मेला""",
}  # fmt: skip
INCIDENTAL = ("EXIT", "www.example.org", "TAXI 24")  # what stands about in pictures, in any country
LANGUAGES = tuple(_LINES)
COPY: dict[str, tuple[str, ...]] = {
    language: tuple(part.strip() for line in lines.splitlines() for part in line.split("|") if part.strip())
    for language, lines in _LINES.items()
}
# Font files, and the font of a collection; a poster takes one of those that are here.
_LATIN = (
    ("NotoSans-Bold.ttf", 0), ("NotoSans-Regular.ttf", 0), ("NotoSerif-Bold.ttf", 0), ("NotoSerif-Regular.ttf", 0),
    ("DejaVuSans-Bold.ttf", 0), ("DejaVuSerif.ttf", 0), ("LiberationSans-Regular.ttf", 0), ("LiberationSerif-Bold.ttf", 0),
)  # fmt: skip


def _cjk(index: int) -> tuple[tuple[str, int], ...]:
    faces = (
        "NotoSansCJK-Bold.ttc",
        "NotoSansCJK-Regular.ttc",
        "NotoSerifCJK-Bold.ttc",
        "NotoSerifCJK-Regular.ttc",
    )
    return tuple((face, index) for face in faces)


FONTS: dict[str, tuple[tuple[str, int], ...]] = {
    "en": _LATIN, "es": _LATIN, "ru": _LATIN, "zh": _cjk(2), "ja": _cjk(0), "ko": _cjk(1),
    "ar": (("NotoSansArabic-Bold.ttf", 0), ("NotoSansArabic-Regular.ttf", 0), ("NotoNaskhArabic-Bold.ttf", 0),
           ("NotoNaskhArabic-Regular.ttf", 0)),
    "hi": (("NotoSansDevanagari-Bold.ttf", 0), ("NotoSansDevanagari-Regular.ttf", 0), ("NotoSerifDevanagari-Bold.ttf", 0),
           ("NotoSerifDevanagari-Regular.ttf", 0)),
}  # fmt: skip
