// Counts in the languages that YouTube's pages come in, as they are written there.
#include "counts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace risetime::youtube {
namespace {

constexpr std::int64_t nothing = -1;

struct Written {
  const char* text;
  std::int64_t value;
};

void expect(const std::vector<Written>& all, const char* language = "") {
  for (const Written& written : all) {
    const auto count = parse_count(written.text, language);
    EXPECT_EQ(count ? count->value : nothing, written.value) << written.text << " in " << language;
  }
}

TEST(Counts, AreExactWhereAllDigitsAreWritten) {
  for (const char* text : {"390,201 views", "390.201 Aufrufe", "390 201 vues", "390\u202F201 vues",
                           "390\u00A0201 просмотр", "390'201 Aufrufe", "390201", "3,90,201 views", "٣٩٠٬٢٠١ مشاهدة",
                           "३,९०,२०१ दृश्य", "৩,৯০,২০১ ভিউ", "３９０，２０１回", "視聴回数 390,201 回",
                           "\u200F390,201\u200E צפיות", "like this video along with 390,201 other people"}) {
    const auto count = parse_count(text);
    ASSERT_TRUE(count) << text;
    EXPECT_EQ(count->value, 390201) << text;
    EXPECT_TRUE(count->exact) << text;
  }
  EXPECT_FALSE(parse_count("390k views")->exact);
}

TEST(Counts, AreReadInEnglishAndInIndianEnglish) {
  expect({{"1.2M views", 1'200'000},
          {"25m subscribers", 25'000'000},
          {"1.8bn views", 1'800'000'000},
          {"1.2 million subscribers", 1'200'000},
          {"23.2 thousand subscribers", 23'200},
          {"9.2k watching", 9'200},
          {"4.9K", 4'900},
          {"10K+ views", 10'000},
          {"1 view", 1},
          {"12 members", 12},
          {"7 likes", 7},
          {"1.2 lakh views", 120'000},
          {"2.5 crore views", 25'000'000},
          {"1.2L views", 120'000},
          {"3.4Cr views", 34'000'000},
          {"895 thousand views – play Short", 895'000},
          {"1.2T", 1'200'000'000'000}});
  expect({{"1.2T views", 1'200}, {"12L", 1'200'000}}, "en-IN");
}

TEST(Counts, AreReadInSpanishPortugueseFrenchAndItalian) {
  expect({{"1,2 M de visualizaciones", 1'200'000},
          {"12 mil vistas", 12'000},
          {"1,2 mil M de visualizaciones", 1'200'000'000},
          {"1.234 M de visualizaciones", 1'234'000'000},
          {"3 millones de suscriptores", 3'000'000},
          {"1,2 B de visualizaciones", 1'200'000'000'000}});
  expect({{"1,2 mi de visualizações", 1'200'000},
          {"12 mil inscritos", 12'000},
          {"1,2 bi de visualizações", 1'200'000'000},
          {"1,2 milhão de visualizações", 1'200'000},
          {"3,4 milhões", 3'400'000}});
  expect({{"1,2 mM de visualizações", 1'200'000'000}, {"2 Bi", 2'000'000'000'000}}, "pt-PT");
  expect({{"1,2 M de vues", 1'200'000},
          {"12 k vues", 12'000},
          {"1,2 Md de vues", 1'200'000'000},
          {"2,5 millions d’abonnés", 2'500'000},
          {"1,2 milliard de vues", 1'200'000'000}});
  expect({{"1,2 Mln di visualizzazioni", 1'200'000},
          {"12.000 visualizzazioni", 12'000},
          {"1,2 Mrd di visualizzazioni", 1'200'000'000},
          {"120 mila iscritti", 120'000}});
}

TEST(Counts, AreReadInGermanDutchAndTheLanguagesOfTheNorth) {
  expect({{"1,2 Mio. Aufrufe", 1'200'000},
          {"12.345 Aufrufe", 12'345},
          {"120 Tsd. Aufrufe", 120'000},
          {"1,2 Mrd. Aufrufe", 1'200'000'000},
          {"25 Mio. Abonnenten", 25'000'000}});
  expect({{"1,2 mln. weergaven", 1'200'000}, {"12K weergaven", 12'000}, {"1,2 mld. weergaven", 1'200'000'000}});
  expect({{"12 tn visningar", 12'000}, {"1,2 mn visningar", 1'200'000}, {"1,2 md visningar", 1'200'000'000}});
  expect({{"12 t visninger", 12'000}, {"1,2 mio. visninger", 1'200'000}, {"1,2 mia. visninger", 1'200'000'000}});
}

TEST(Counts, AreReadInRussianUkrainianAndPolish) {
  expect({{"1,2 млн просмотров", 1'200'000},
          {"12 тыс. просмотров", 12'000},
          {"1,2 млрд просмотров", 1'200'000'000},
          {"1,2 миллиона подписчиков", 1'200'000}});
  expect({{"12 тис. переглядів", 12'000}, {"1,2 млн переглядів", 1'200'000}});
  expect({{"1,2 mln wyświetleń", 1'200'000}, {"12 tys. wyświetleń", 12'000}, {"1,2 mld wyświetleń", 1'200'000'000}});
}

TEST(Counts, AreReadInTheLanguagesOfMiddleEurope) {
  expect({{"12 tis. zhlédnutí", 12'000}, {"1,2 mil. zhlédnutí", 1'200'000}, {"1,2 bil. zhlédnutí", 1'200'000'000'000}});
  expect({{"1,2 tisíce", 1'200}, {"12 milionů", 12'000'000}, {"1,2 mld.", 1'200'000'000}}, "cs");
  expect({{"12 tis. zhliadnutí", 12'000}, {"1,2 mil. odberateľov", 1'200'000}, {"12 miliárd", 12'000'000'000}});
  expect({{"12 E megtekintés", 12'000},
          {"1,2 M megtekintés", 1'200'000},
          {"1,2 Mrd megtekintés", 1'200'000'000},
          {"12 ezer feliratkozó", 12'000},
          {"3 millió feliratkozó", 3'000'000}});
  expect({{"12 K de vizionări", 12'000},
          {"1,2 mil. de vizionări", 1'200'000},
          {"123 de mii de abonați", 123'000},
          {"1 mie de abonați", 1'000},
          {"12 milioane", 12'000'000},
          {"1,2 mld. de vizionări", 1'200'000'000}});
  expect({{"12 tis. pregleda", 12'000}, {"1,2 mil. pregleda", 1'200'000}, {"1,2 mlr. pregleda", 1'200'000'000}});
  expect({{"12 tisoč ogledov", 12'000}, {"1,2 mio. ogledov", 1'200'000}, {"1,2 mrd. ogledov", 1'200'000'000}});
  expect({{"12 kM", 12'000'000'000}, {"3 milions", 3'000'000}, {"1,2 B", 1'200'000'000'000}}, "ca");
}

TEST(Counts, AreReadInTheLanguagesOfTheBalticTheBalkansAndBeyond) {
  expect({{"12 t. näyttökertaa", 12'000}, {"1,2 milj. näyttökertaa", 1'200'000}, {"12 tuhatta", 12'000}});
  expect({{"12 tuh", 12'000}, {"1,2 miljonit", 1'200'000}}, "et");
  expect({{"12 tūkst. peržiūrų", 12'000}, {"1,2 mln. peržiūrų", 1'200'000}, {"1,2 mlrd. peržiūrų", 1'200'000'000}});
  expect({{"12 tūkst. skatījumu", 12'000}, {"1,2 milj. skatījumu", 1'200'000}, {"1,2 mljrd.", 1'200'000'000}});
  expect({{"12 хил. показвания", 12'000}, {"1,2 млн. показвания", 1'200'000}, {"12 хиляди", 12'000}});
  expect({{"12 хиљ. прегледа", 12'000}, {"1,2 мил. прегледа", 1'200'000}, {"1,2 млрд. прегледа", 1'200'000'000}});
  expect({{"12 χιλ. προβολές", 12'000}, {"1,2 εκ. προβολές", 1'200'000}, {"1,2 δισ. προβολές", 1'200'000'000}});
  expect({{"\u200F12K\u200F צפיות", 12'000}, {"\u200F12 אלף צפיות", 12'000}, {"1.2 מיליון מנויים", 1'200'000}});
  expect({{"12 min baxış", 12'000}, {"1,2 mln baxış", 1'200'000}, {"12 ming", 12'000}, {"12 мың рет көрілді", 12'000}});
  expect({{"12 min", 12}, {"12 e", 12}});  // words of one language alone
}

TEST(Counts, AreReadInTurkishIndonesianAndVietnameseWhereLettersMeanOtherThings) {
  expect({{"1,2 B görüntüleme", 1'200},
          {"12 bin abone", 12'000},
          {"1,2 Mn görüntüleme", 1'200'000},
          {"1,2 Mr görüntüleme", 1'200'000'000}});
  expect({{"12 rb x ditonton", 12'000},
          {"1,2 jt x ditonton", 1'200'000},
          {"1,2 M x ditonton", 1'200'000'000},
          {"3 juta subscriber", 3'000'000}});
  expect({{"12 N lượt xem", 12'000},
          {"1,2 Tr lượt xem", 1'200'000},
          {"1,2 T lượt xem", 1'200'000'000},
          {"3 triệu người đăng ký", 3'000'000}});
  expect({{"1,2 B", 1'200}}, "tr");
  expect({{"1,2 M", 1'200'000'000}}, "id");
  expect({{"1,2 T", 1'200'000'000}}, "vi");
  expect({{"12 ribu", 12'000}, {"1.2J", 1'200'000}, {"1.2B", 1'200'000'000}}, "ms");
}

TEST(Counts, AreReadInArabicPersianAndUrdu) {
  expect({{"١٫٢ مليون مشاهدة", 1'200'000},
          {"١٢ ألف مشاهدة", 12'000},
          {"1.2 مليار مشاهدة", 1'200'000'000},
          {"\u200F٣ ملايين مشترك", 3'000'000},
          {"۱٫۲ میلیون بازدید", 1'200'000},
          {"۱۲ هزار بازدید", 12'000},
          {"1.2 لاکھ ملاحظات", 120'000},
          {"12 ہزار ملاحظات", 12'000},
          {"1.2 کروڑ ملاحظات", 12'000'000}});
}

TEST(Counts, AreReadInTheLanguagesOfIndiaAndBangladesh) {
  expect({{"1.2 लाख बार देखा गया", 120'000},
          {"12 हज़ार व्यूज़", 12'000},
          {"1.2 क॰ बार देखा गया", 12'000'000},
          {"1.2 करोड़ सब्सक्राइबर", 12'000'000},
          {"1.2 अ॰ बार देखा गया", 1'200'000'000}});
  expect({{"१२ ह व्ह्यू", 12'000}, {"१.२ लाख व्ह्यू", 120'000}, {"१.२ कोटी व्ह्यू", 12'000'000}});
  expect({{"১২ হা বার দেখা হয়েছে", 12'000},
          {"১.২ লাটি ভিউ", nothing},
          {"১.২ লাখ ভিউ", 120'000},
          {"১.২ কোটি ভিউ", 12'000'000}});
  expect({{"1.2మి వీక్షణలు", 1'200'000}, {"12వే వీక్షణలు", 12'000}, {"1.2 లక్షల వీక్షణలు", 120'000}});
  expect({{"1.2மி பார்வைகள்", 1'200'000}, {"12ஆ பார்வைகள்", 12'000}, {"1.2 கோடி பார்வைகள்", 12'000'000}});
  expect({{"12 ആയിരം കാഴ്‌ചകൾ", 12'000},
          {"1.2 ദശലക്ഷം കാഴ്‌ചകൾ", 1'200'000}});
  expect({{"1.2 કરોડ વ્યૂ", 12'000'000}, {"1.2 ਲੱਖ ਵਾਰ", 120'000}, {"1.2ಮಿ ವೀಕ್ಷಣೆಗಳು", 1'200'000}});
}

TEST(Counts, AreReadInChineseJapaneseKoreanAndThai) {
  expect({{"120 万", 1'200'000},
          {"120万次观看", 1'200'000},
          {"觀看次數：1.2億次", 120'000'000},
          {"观看次数：1.2万亿次", 1'200'000'000'000},
          {"1.2 萬位訂閱者", 12'000},
          {"120万 回視聴", 1'200'000},
          {"1億2345万 回視聴", 123'450'000},
          {"登録者数 25.1万人", 251'000},
          {"조회수 120만회", 1'200'000},
          {"조회수 1억 2,345만회", 123'450'000},
          {"구독자 1.2천명", 1'200},
          {"การดู 1.2 ล้าน ครั้ง", 1'200'000},
          {"การดู 12 หมื่น ครั้ง", 120'000},
          {"ผู้ติดตาม 1.2 พันล้าน คน", 1'200'000'000}});
}

TEST(Counts, AreZeroWhereTheTextSaysNone) {
  for (const char* text : {"No views", "Keine Aufrufe", "Aucune vue", "Sin visualizaciones", "Nenhuma visualização",
                           "Нет просмотров", "Görüntüleme yok", "조회수 없음", "无人观看", "ไม่มีการดู"}) {
    const auto count = parse_count(text);
    ASSERT_TRUE(count) << text;
    EXPECT_EQ(count->value, 0) << text;
    EXPECT_TRUE(count->exact);
  }
}

TEST(Counts, AreNothingWhereThereIsNone) {
  expect({{"", nothing},
          {"Likes", nothing},
          {"1.5 stars", nothing},
          {"-5 views", nothing},
          {"99,99,99 views", nothing},
          {"9999999999999999999 views", nothing},
          {"9223372036854775807", 9223372036854775807},
          {"9300000000 B views", nothing},
          {"\xFF\xC3", nothing}});
}

}  // namespace
}  // namespace risetime::youtube
