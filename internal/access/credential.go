package access

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
)

// A credential is what a client sends: <family>_<env>_<id>.<secret>. The part
// before the dot is the key's id; it may be shown and logged.
const (
	idLen         = 16
	secretLen     = 32  // of those we make: 190 bits
	maxCredential = 256 // bytes; anything longer is none of ours

	idAlphabet     = "abcdefghijklmnopqrstuvwxyz0123456789"
	secretAlphabet = idAlphabet + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// DefaultFamily is the family and environment of a key when none is named.
const DefaultFamily = "cmk_live"

// Families are the families and environments of keys that both APIs accept.
var Families = []string{"cmk_live", "cmk_test", "mk_live", "mk_test", "mk_int"}

// parseCredential splits a credential into the key's id and its secret; ok is
// false for what cannot be one, so that nothing is looked up for it.
func parseCredential(s string) (keyID, secret string, ok bool) {
	if len(s) > maxCredential {
		return "", "", false
	}
	keyID, secret, ok = strings.Cut(s, ".")
	ok = ok && validKeyID(keyID) && len(secret) >= secretLen && consistsOf(secret, secretAlphabet)
	return keyID, secret, ok
}

func validKeyID(keyID string) bool {
	for _, family := range Families {
		body, ok := strings.CutPrefix(keyID, family+"_")
		if ok && len(body) == idLen && consistsOf(body, idAlphabet) {
			return true
		}
	}
	return false
}

func consistsOf(s, alphabet string) bool {
	return strings.Trim(s, alphabet) == ""
}

// newCredential returns a key id that was never used and its secret.
func newCredential(family string) (keyID, secret string) {
	return family + "_" + random(idAlphabet, idLen), random(secretAlphabet, secretLen)
}

// random returns n characters of the alphabet, each as likely as the others.
func random(alphabet string, n int) string {
	fair := 256 - 256%len(alphabet) // bytes from here on would favour the first
	out := make([]byte, 0, n)
	var b [1]byte
	for len(out) < n {
		rand.Read(b[:]) // never fails
		if int(b[0]) < fair {
			out = append(out, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(out)
}

func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
