// Hashes against published vectors, and the unambiguity of fingerprints.
#include "core/base/hash.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace risetime::core {
namespace {

TEST(Sha256, AgreesWithThePublishedVectors) {  // FIPS 180-4 examples
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, TakesBytesInPiecesAndMayBeReadInBetween) {
  Sha256 hash;
  hash.update("a");
  EXPECT_EQ(hash.hex(), sha256_hex("a"));
  Sha256 copy = hash;
  hash.update("bc");
  EXPECT_EQ(hash.hex(), sha256_hex("abc"));
  EXPECT_EQ(copy.hex(), sha256_hex("a"));
  copy = hash;
  EXPECT_EQ(copy.hex(), sha256_hex("abc"));
}

TEST(Fingerprint, DifferentSequencesOfValuesDiffer) {
  std::set<std::string> seen;
  const auto fresh = [&](const Fingerprint& fingerprint) { return seen.insert(fingerprint.hex()).second; };
  EXPECT_TRUE(fresh(Fingerprint()));
  EXPECT_TRUE(fresh(Fingerprint().add("")));
  EXPECT_TRUE(fresh(Fingerprint().add("ab").add("c")));
  EXPECT_TRUE(fresh(Fingerprint().add("a").add("bc")));
  EXPECT_TRUE(fresh(Fingerprint().add("abc")));
  EXPECT_TRUE(fresh(Fingerprint().add(1)));
  EXPECT_TRUE(fresh(Fingerprint().add(1.0)));
  EXPECT_TRUE(fresh(Fingerprint().add(true)));
  EXPECT_TRUE(fresh(Fingerprint().add("1")));
  EXPECT_TRUE(fresh(Fingerprint().list(1)));
  EXPECT_TRUE(fresh(Fingerprint().list(2).add("a").add("b")));
  EXPECT_TRUE(fresh(Fingerprint().list(1).add("a").add("b")));
}

TEST(Fingerprint, EqualNumbersAreTheSame) {
  EXPECT_EQ(Fingerprint().add(0.0).hex(), Fingerprint().add(-0.0).hex());
  EXPECT_EQ(Fingerprint().add(std::nan("1")).hex(), Fingerprint().add(std::nan("2")).hex());
  EXPECT_EQ(Fingerprint().add(std::string("a")).hex(), Fingerprint().add("a").hex());
}

TEST(Fingerprint, StaysTheSameAcrossVersions) {  // artifacts of earlier releases are found by these bytes
  EXPECT_EQ(Fingerprint().add("model").add(7).add(0.5).add(true).list(1).hex(),
            sha256_hex(std::string("s\5\0\0\0\0\0\0\0model"
                                   "i\7\0\0\0\0\0\0\0"
                                   "d\0\0\0\0\0\0\xe0\x3f"
                                   "b\1\0\0\0\0\0\0\0"
                                   "l\1\0\0\0\0\0\0\0",
                                   50)));
}

TEST(Fnv1a, AgreesWithThePublishedVectors) {  // from the authors' test list
  EXPECT_EQ(fnv1a_64(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(fnv1a_64("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(fnv1a_64("foobar"), 0x85944171f73967e8ULL);
}

}  // namespace
}  // namespace risetime::core
