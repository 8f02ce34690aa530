"""The standard consent text that ships with Rete, in both languages of the site and for each reader.

Published by a migration and never edited in place: a change is a new version. The statements that every form
must make are named in `consent.forms.publishing.REQUIRED`; who reads which text, in `consent.forms.readers`.
"""

from consent.forms.readers import Reader, code_for

CODE = "rete-standard"
VERSION = 3

_ENGLISH = """\
Your clinician would like to ask colleagues for their opinion on your skin condition. To do that, pictures of \
you and a short description would be shown on Rete, a closed website. Only dermatologists, \
dermatopathologists and other clinicians whose identity was checked by two moderators can see it.

Before anyone sees a picture, your eyes are covered. Place, date and camera data are removed. Then your \
clinician checks the result. Your name, your exact dates and your record number are never entered.

Pictures of your skin and facts about your health are sensitive personal data. They are shared only if you \
clearly say yes. The clinic that treats you is responsible for them. You can ask the clinic what is kept about \
you, and have it corrected or deleted.

You decide for each use below. Nothing is allowed unless you tick it. Your pictures are never used for \
advertising.

Please read these points:

- It cannot be guaranteed that nobody recognises you. Covering the eyes and removing data makes it less likely, \
but does not rule it out.
- A picture that was shown online can be copied and can last. What a person has copied is hard to call back.
- A closed group may not stay closed. Members are checked, but no check is perfect.
- Research means: doctors or scientists study the pictures to learn more about diseases. What they find may be \
published and cannot be called back. Your name is not in it.
- Access from other countries means: members who live in another country can see the pictures too. The law \
there may protect you less.
- If you say no, your care stays the same.
- You can withdraw at any time, without a reason and without an account: with the withdrawal code on your \
receipt, or through your clinician. The pictures are then hidden at once and destroyed.
- You receive a copy of this form and a receipt with your withdrawal code.
"""

_ENGLISH_GUARDIAN = """\
The clinician of your child would like to ask colleagues for their opinion on your child’s skin condition. To do \
that, pictures of your child and a short description would be shown on Rete, a closed website. Only \
dermatologists, dermatopathologists and other clinicians whose identity was checked by two moderators can see it.

Before anyone sees a picture, your child’s eyes are covered. Place, date and camera data are removed. Then the \
clinician checks the result. Your child’s name, exact dates and the record number are never entered.

Pictures of your child’s skin and facts about your child’s health are sensitive personal data. They are shared \
only if you clearly say yes. The clinic that treats your child is responsible for them. You can ask the clinic \
what is kept about your child, and have it corrected or deleted.

You decide for each use below. Nothing is allowed unless you tick it. The pictures are never used for \
advertising. Your consent ends with the year in which your child comes of age.

Please read these points:

- It cannot be guaranteed that nobody recognises your child. Covering the eyes and removing data makes it less \
likely, but does not rule it out.
- A picture that was shown online can be copied and can last. What a person has copied is hard to call back.
- A closed group may not stay closed. Members are checked, but no check is perfect.
- Research means: doctors or scientists study the pictures to learn more about diseases. What they find may be \
published and cannot be called back. Your child’s name is not in it.
- Access from other countries means: members who live in another country can see the pictures too. The law \
there may protect your child less.
- If you or your child say no, your child’s care stays the same.
- You can withdraw at any time, without a reason and without an account: with the withdrawal code on your \
receipt, or through the clinician. The pictures are then hidden at once and destroyed.
- You receive a copy of this form and a receipt with your withdrawal code.
"""

_ENGLISH_REPRESENTATIVE = """\
You are asked because you speak for another person. That person’s clinician would like to ask colleagues for \
their opinion on a skin condition. To do that, pictures of the person you speak for and a short description \
would be shown on Rete, a closed website. Only dermatologists, dermatopathologists and other clinicians whose \
identity was checked by two moderators can see it.

Before anyone sees a picture, the person’s eyes are covered. Place, date and camera data are removed. Then the \
clinician checks the result. The person’s name, exact dates and the record number are never entered.

Pictures of the person’s skin and facts about their health are sensitive personal data. They are shared only if \
you clearly say yes. The clinic that treats or treated the person is responsible for them. You can ask the \
clinic what is kept about the person, and have it corrected or deleted.

You decide for each use below, as the person you speak for would want it. Nothing is allowed unless you tick it. \
The pictures are never used for advertising.

Please read these points:

- It cannot be guaranteed that nobody recognises the person. Covering the eyes and removing data makes it less \
likely, but does not rule it out.
- A picture that was shown online can be copied and can last. What somebody has copied is hard to call back.
- A closed group may not stay closed. Members are checked, but no check is perfect.
- Research means: doctors or scientists study the pictures to learn more about diseases. What they find may be \
published and cannot be called back. The person’s name is not in it.
- Access from other countries means: members who live in another country can see the pictures too. The law \
there may protect the person less.
- If you say no, nobody’s care changes.
- You can withdraw at any time, without a reason and without an account: with the withdrawal code on your \
receipt, or through the clinician. The pictures are then hidden at once and destroyed.
- You receive a copy of this form and a receipt with your withdrawal code.
"""

_TURKISH = """\
Hekiminiz, cildinizdeki hastalık hakkında meslektaşlarının görüşünü almak istiyor. Bunun için size ait \
fotoğraflar ve kısa bir açıklama, kapalı bir internet sitesi olan Rete’de gösterilecektir. Bunları yalnızca \
kimliği iki moderatör tarafından doğrulanmış dermatologlar, dermatopatologlar ve diğer sağlık çalışanları \
görebilir.

Bir fotoğraf gösterilmeden önce gözleriniz kapatılır. Yer, tarih ve kamera bilgileri silinir. Ardından hekiminiz \
sonucu kontrol eder. Adınız, kesin tarihler ve dosya numaranız sisteme hiçbir zaman girilmez.

Cildinizin fotoğrafları ve sağlığınıza ilişkin bilgiler, 6698 sayılı Kişisel Verilerin Korunması Kanunu’na \
(KVKK) göre özel nitelikli kişisel veridir. Bu veriler yalnızca açık rızanızla paylaşılır. Verilerden, sizi \
tedavi eden sağlık kuruluşu sorumludur. Hakkınızda nelerin tutulduğunu bu kuruluşa sorabilir, yanlış bilgilerin \
düzeltilmesini ya da verilerinizin silinmesini isteyebilirsiniz.

Aşağıdaki her kullanım için ayrı ayrı siz karar verirsiniz. İşaretlemediğiniz hiçbir kullanıma izin vermiş \
olmazsınız. Fotoğraflarınız hiçbir zaman reklam amacıyla kullanılmaz.

Lütfen şu noktaları okuyun:

- Hiç kimsenin sizi tanımayacağı garanti edilemez. Gözlerin kapatılması ve bilgilerin silinmesi bu olasılığı \
azaltır, ancak tümüyle ortadan kaldırmaz.
- İnternette gösterilmiş bir fotoğraf kopyalanabilir ve kalıcı olabilir. Birinin kopyaladığı bir fotoğrafı geri \
almak zordur.
- Kapalı bir grup her zaman kapalı kalmayabilir. Üyeler denetlenir, ancak hiçbir denetim kusursuz değildir.
- Araştırma şu demektir: Hekimler ya da bilim insanları, hastalıkları daha iyi tanımak için fotoğrafları inceler. \
Buldukları yayımlanabilir ve geri alınamaz. Adınız bunların içinde yer almaz.
- Başka ülkelerden erişim şu demektir: Başka bir ülkede yaşayan üyeler de fotoğrafları görebilir. Oradaki yasalar \
sizi daha az koruyabilir.
- Hayır derseniz tedaviniz bundan etkilenmez.
- Onamınızı istediğiniz zaman, gerekçe göstermeden ve hesap açmadan geri çekebilirsiniz: onam belgenizdeki geri \
çekme koduyla ya da hekiminiz aracılığıyla. Fotoğraflar o anda gizlenir ve ardından yok edilir.
- Bu formun bir örneği ve geri çekme kodunuzun yazılı olduğu onam belgesi size verilir.
"""

_TURKISH_GUARDIAN = """\
Çocuğunuzun hekimi, çocuğunuzun cildindeki hastalık hakkında meslektaşlarının görüşünü almak istiyor. Bunun için \
çocuğunuza ait fotoğraflar ve kısa bir açıklama, kapalı bir internet sitesi olan Rete’de gösterilecektir. Bunları \
yalnızca kimliği iki moderatör tarafından doğrulanmış dermatologlar, dermatopatologlar ve diğer sağlık \
çalışanları görebilir.

Bir fotoğraf gösterilmeden önce çocuğunuzun gözleri kapatılır. Yer, tarih ve kamera bilgileri silinir. Ardından \
hekim sonucu kontrol eder. Çocuğunuzun adı, kesin tarihler ve dosya numarası sisteme hiçbir zaman girilmez.

Çocuğunuzun cildinin fotoğrafları ve sağlığına ilişkin bilgiler, 6698 sayılı Kişisel Verilerin Korunması \
Kanunu’na (KVKK) göre özel nitelikli kişisel veridir. Bu veriler yalnızca sizin açık rızanızla paylaşılır. \
Verilerden, çocuğunuzu tedavi eden sağlık kuruluşu sorumludur. Çocuğunuz hakkında nelerin tutulduğunu bu kuruluşa \
sorabilir, yanlış bilgilerin düzeltilmesini ya da verilerin silinmesini isteyebilirsiniz.

Aşağıdaki her kullanım için ayrı ayrı siz karar verirsiniz. İşaretlemediğiniz hiçbir kullanıma izin vermiş \
olmazsınız. Fotoğraflar hiçbir zaman reklam amacıyla kullanılmaz. Onamınız, çocuğunuzun ergin olduğu yılın \
sonunda biter.

Lütfen şu noktaları okuyun:

- Hiç kimsenin çocuğunuzu tanımayacağı garanti edilemez. Gözlerin kapatılması ve bilgilerin silinmesi bu \
olasılığı azaltır, ancak tümüyle ortadan kaldırmaz.
- İnternette gösterilmiş bir fotoğraf kopyalanabilir ve kalıcı olabilir. Birinin kopyaladığı bir fotoğrafı geri \
almak zordur.
- Kapalı bir grup her zaman kapalı kalmayabilir. Üyeler denetlenir, ancak hiçbir denetim kusursuz değildir.
- Araştırma şu demektir: Hekimler ya da bilim insanları, hastalıkları daha iyi tanımak için fotoğrafları inceler. \
Buldukları yayımlanabilir ve geri alınamaz. Çocuğunuzun adı bunların içinde yer almaz.
- Başka ülkelerden erişim şu demektir: Başka bir ülkede yaşayan üyeler de fotoğrafları görebilir. Oradaki yasalar \
çocuğunuzu daha az koruyabilir.
- Siz ya da çocuğunuz hayır derseniz çocuğunuzun tedavisi bundan etkilenmez.
- Onamınızı istediğiniz zaman, gerekçe göstermeden ve hesap açmadan geri çekebilirsiniz: onam belgenizdeki geri \
çekme koduyla ya da hekim aracılığıyla. Fotoğraflar o anda gizlenir ve ardından yok edilir.
- Bu formun bir örneği ve geri çekme kodunuzun yazılı olduğu onam belgesi size verilir.
"""

_TURKISH_REPRESENTATIVE = """\
Size, başka bir kişi adına karar verdiğiniz için soruluyor. Bu kişinin hekimi, ciltteki bir hastalık hakkında \
meslektaşlarının görüşünü almak istiyor. Bunun için adına karar verdiğiniz kişiye ait fotoğraflar ve kısa bir \
açıklama, kapalı bir internet sitesi olan Rete’de gösterilecektir. Bunları yalnızca kimliği iki moderatör \
tarafından doğrulanmış dermatologlar, dermatopatologlar ve diğer sağlık çalışanları görebilir.

Bir fotoğraf gösterilmeden önce kişinin gözleri kapatılır. Yer, tarih ve kamera bilgileri silinir. Ardından hekim \
sonucu kontrol eder. Kişinin adı, kesin tarihler ve dosya numarası sisteme hiçbir zaman girilmez.

Kişinin cildinin fotoğrafları ve sağlığına ilişkin bilgiler, 6698 sayılı Kişisel Verilerin Korunması Kanunu’na \
(KVKK) göre özel nitelikli kişisel veridir. Bu veriler yalnızca sizin açık rızanızla paylaşılır. Verilerden, \
kişiyi tedavi eden ya da etmiş olan sağlık kuruluşu sorumludur. Kişi hakkında nelerin tutulduğunu bu kuruluşa \
sorabilir, yanlış bilgilerin düzeltilmesini ya da verilerin silinmesini isteyebilirsiniz.

Aşağıdaki her kullanım için, adına karar verdiğiniz kişinin isteyeceği gibi, ayrı ayrı siz karar verirsiniz. \
İşaretlemediğiniz hiçbir kullanıma izin vermiş olmazsınız. Fotoğraflar hiçbir zaman reklam amacıyla kullanılmaz.

Lütfen şu noktaları okuyun:

- Hiç kimsenin bu kişiyi tanımayacağı garanti edilemez. Gözlerin kapatılması ve bilgilerin silinmesi bu olasılığı \
azaltır, ancak tümüyle ortadan kaldırmaz.
- İnternette gösterilmiş bir fotoğraf kopyalanabilir ve kalıcı olabilir. Birinin kopyaladığı bir fotoğrafı geri \
almak zordur.
- Kapalı bir grup her zaman kapalı kalmayabilir. Üyeler denetlenir, ancak hiçbir denetim kusursuz değildir.
- Araştırma şu demektir: Hekimler ya da bilim insanları, hastalıkları daha iyi tanımak için fotoğrafları inceler. \
Buldukları yayımlanabilir ve geri alınamaz. Kişinin adı bunların içinde yer almaz.
- Başka ülkelerden erişim şu demektir: Başka bir ülkede yaşayan üyeler de fotoğrafları görebilir. Oradaki yasalar \
kişiyi daha az koruyabilir.
- Hayır derseniz hiç kimsenin tedavisi bundan etkilenmez.
- Onamınızı istediğiniz zaman, gerekçe göstermeden ve hesap açmadan geri çekebilirsiniz: onam belgenizdeki geri \
çekme koduyla ya da hekim aracılığıyla. Fotoğraflar o anda gizlenir ve ardından yok edilir.
- Bu formun bir örneği ve geri çekme kodunuzun yazılı olduğu onam belgesi size verilir.
"""

# language -> (title, text), as the patient reads it
TEXTS = {
    "en": ("Consent to share pictures of you with vetted clinicians", _ENGLISH),
    "tr": ("Fotoğraflarınızın kimliği doğrulanmış hekimlerle paylaşılması için onam", _TURKISH),
}

# code -> language -> (title, text), for each reader
ALL_TEXTS = {
    code_for(CODE, Reader.PATIENT): TEXTS,
    code_for(CODE, Reader.GUARDIAN): {
        "en": ("Consent to share pictures of your child with vetted clinicians", _ENGLISH_GUARDIAN),
        "tr": ("Çocuğunuzun fotoğraflarının kimliği doğrulanmış hekimlerle paylaşılması için onam", _TURKISH_GUARDIAN),
    },
    code_for(CODE, Reader.REPRESENTATIVE): {
        "en": ("Consent to share pictures of the person you speak for with vetted clinicians", _ENGLISH_REPRESENTATIVE),
        "tr": (
            "Adına karar verdiğiniz kişinin fotoğraflarının kimliği doğrulanmış hekimlerle paylaşılması için onam",
            _TURKISH_REPRESENTATIVE,
        ),
    },
}
