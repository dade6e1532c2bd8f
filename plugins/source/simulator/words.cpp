// The word lists of the simulator, in three languages.
#include "words.hpp"

namespace risetime::simulator {
namespace {

constexpr size_t nouns_each = 8;
using Nouns = std::array<std::string_view, nouns_each>;

// [topic][language]
constexpr std::array<std::array<Nouns, language_count>, topic_count> nouns = {{
    {{{"telescope", "volcano", "black hole", "robot", "glacier", "magnet", "comet", "enzyme"},
      {"telescopio", "volcán", "agujero negro", "robot", "glaciar", "imán", "cometa", "enzima"},
      {"Teleskop", "Vulkan", "Schwarzes Loch", "Roboter", "Gletscher", "Magnet", "Komet", "Enzym"}}},
    {{{"sourdough", "ramen", "curry", "dumpling", "risotto", "pancake", "chili", "cheesecake"},
      {"masa madre", "ramen", "curry", "empanada", "risotto", "tortita", "chile", "tarta de queso"},
      {"Sauerteig", "Ramen", "Curry", "Maultasche", "Risotto", "Pfannkuchen", "Chili", "Käsekuchen"}}},
    {{{"speedrun", "boss fight", "castle build", "dungeon", "racing league", "puzzle room", "survival island", "quest"},
      {"speedrun", "jefe final", "castillo", "mazmorra", "liga de carreras", "sala de acertijos", "isla", "misión"},
      {"Speedrun", "Endgegner", "Burgbau", "Verlies", "Rennliga", "Rätselraum", "Insel", "Abenteuer"}}},
    {{{"piano cover", "drum solo", "lullaby", "synth jam", "choir", "guitar riff", "remix", "ballad"},
      {"versión de piano", "solo de batería", "nana", "sintetizador", "coro", "riff de guitarra", "remix", "balada"},
      {"Klaviercover", "Schlagzeugsolo", "Wiegenlied", "Synthesizer", "Chor", "Gitarrenriff", "Remix", "Ballade"}}},
    {{{"election", "storm", "market", "strike", "summit", "court case", "budget", "border"},
      {"elección", "tormenta", "mercado", "huelga", "cumbre", "juicio", "presupuesto", "frontera"},
      {"Wahl", "Sturm", "Markt", "Streik", "Gipfel", "Prozess", "Haushalt", "Grenze"}}},
    {{{"bicycle", "washing machine", "laptop", "roof", "chair", "engine", "radio", "window"},
      {"bicicleta", "lavadora", "portátil", "tejado", "silla", "motor", "radio", "ventana"},
      {"Fahrrad", "Waschmaschine", "Laptop", "Dach", "Stuhl", "Motor", "Radio", "Fenster"}}},
    {{{"night train", "old town", "mountain hut", "harbour", "desert road", "island ferry", "street market", "canyon"},
      {"tren nocturno", "casco antiguo", "refugio", "puerto", "carretera del desierto", "ferri", "mercadillo", "cañón"},
      {"Nachtzug", "Altstadt", "Berghütte", "Hafen", "Wüstenstraße", "Inselfähre", "Straßenmarkt", "Schlucht"}}},
}};

using Forms = std::array<std::string_view, 4>;

// [language][promise]; {} is the noun, # the video's number.
constexpr std::array<std::array<Forms, 4>, language_count> titles = {{
    {{{"A day with the {}", "My {} after one year", "What the {} taught me", "{}: how it went"},
      {"The impossible {}", "World record: {} in one take", "The secret {} nobody shows you",
       "I tried the {} challenge"},
      {"{}: the complete guide", "How the {} works, explained", "{} for beginners", "{} basics, a short course"},
      {"{} update, part #", "Weekly {} notes #", "{} stream, episode #", "{} questions and answers #"}}},
    {{{"Un día con {}", "{}: un año después", "Lo que aprendí de {}", "{}: así fue"},
      {"{} imposible", "Récord mundial: {}", "El secreto: {} que nadie enseña", "El reto de {}"},
      {"{}: la guía completa", "Cómo funciona: {}, explicado", "{} para principiantes", "{}: curso corto"},
      {"{}: novedades, parte #", "Notas de la semana: {} #", "{} en directo, episodio #", "{}: preguntas #"}}},
    {{{"Ein Tag: {}", "{} nach einem Jahr", "Was ich gelernt habe: {}", "{}: so lief es"},
      {"Unmöglich: {}", "Weltrekord: {} am Stück", "Das Geheimnis, das keiner zeigt: {}", "Die große Wette: {}"},
      {"{}: die ganze Anleitung", "{} einfach erklärt", "{} für Einsteiger", "{}: ein Kurs in zehn Minuten"},
      {"{}: Neues, Teil #", "Notizen der Woche: {} #", "{} im Stream, Folge #", "{}: Fragen und Antworten #"}}},
}};

constexpr std::array<std::string_view, language_count> codes = {"en", "es", "de"};

constexpr std::array<std::string_view, language_count> thanks = {"Thank you for watching. New videos every week.",
                                                                 "Gracias por mirar. Vídeos nuevos cada semana.",
                                                                 "Danke fürs Zuschauen. Jede Woche neue Videos."};

constexpr std::array<std::string_view, 4> promise_tags = {"vlog", "challenge", "tutorial", "series"};

std::string fill(std::string_view form, std::string_view noun, size_t number) {
  std::string text;
  for (size_t at = 0; at < form.size(); ++at) {
    if (form[at] == '{') {
      text += noun;
      ++at;
    } else if (form[at] == '#') {
      text += std::to_string(number);
    } else {
      text += form[at];
    }
  }
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

Promise draw_promise(Stream& random) {
  const double place = random.uniform();
  if (place < 0.40) return Promise::ordinary;
  if (place < 0.58) return Promise::sensation;
  return place < 0.78 ? Promise::lesson : Promise::routine;
}

}  // namespace

const std::array<Topic, topic_count>& topics() {
  static constexpr std::array<Topic, topic_count> all = {{
      {"science", "Science", 1.1, 0.55, 1.5, 14, 14, 215},
      {"cooking", "Food", 0.9, 0.42, 2.2, 16, 11, 35},
      {"gaming", "Games", 1.0, 0.48, 0.5, 9, 24, 280},
      {"music", "Music", 1.3, 0.66, 1.0, 18, 4, 330},
      {"news", "News", 1.2, 0.30, 0.1, 5, 6, 5},
      {"repair", "Howto", 0.6, 0.25, 5.0, 20, 9, 150},
      {"travel", "Travel", 0.8, 0.50, 0.8, 14, 17, 185},
  }};
  return all;
}

PromiseGrowth growth_of(Promise promise) {
  switch (promise) {
    case Promise::sensation:
      return {1.9, 0.14, 0.7};
    case Promise::lesson:
      return {0.8, -0.05, 3.0};
    case Promise::routine:
      return {0.5, -0.12, 0.3};
    case Promise::ordinary:
      break;
  }
  return {1.0, 0.0, 1.0};
}

std::string_view language_code(size_t language) { return codes[language]; }

Text write_text(Stream& random, size_t topic, size_t language, size_t number) {
  const Promise promise = draw_promise(random);
  const auto promised = static_cast<size_t>(promise);
  const Forms& forms = titles[language][promised];
  const Nouns& words = nouns[topic][language];
  const std::string_view noun = words[random.below(nouns_each)];
  const std::string_view other = words[random.below(nouns_each)];

  Text text{promise, fill(forms[random.below(forms.size())], noun, number), {}, {}};
  if (promise == Promise::sensation && random.chance(0.3)) text.title += " 🔥";
  text.description = text.title + ".\n" + std::string(noun) + ", " + std::string(other) + ".\n\n";
  text.description += thanks[language];
  text.tags = {std::string(topics()[topic].name), std::string(noun), std::string(promise_tags[promised])};
  if (other != noun) text.tags.emplace_back(other);
  return text;
}

std::string write_channel_name(Stream& random, size_t topic, uint64_t seed, size_t index) {
  constexpr std::array<std::string_view, 12> first = {"Northern", "Quiet",  "Paper",  "Copper", "Little", "Seventh",
                                                      "Orbit",    "Velvet", "Honest", "Garden", "Tin",    "Morning"};
  constexpr std::array<std::array<std::string_view, 4>, topic_count> second = {
      {{"Lab", "Atoms", "Observatory", "Proof"},
       {"Kitchen", "Table", "Spoon", "Oven"},
       {"Arcade", "Pixels", "Guild", "Save"},
       {"Strings", "Choir", "Tapes", "Echo"},
       {"Desk", "Report", "Courier", "Wire"},
       {"Workshop", "Bench", "Tools", "Fix"},
       {"Miles", "Compass", "Ferry", "Trail"}}};
  const std::string_view opening = first[(mix(seed) % first.size() + index * 5) % first.size()];
  return std::string(opening) + " " + std::string(second[topic][random.below(4)]);
}

}  // namespace risetime::simulator
