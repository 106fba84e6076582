package id

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what RFC 9562 derives version 5 with
	"encoding/hex"
	"strings"
)

// NewUUID returns a random UUID (version 4) in lower case.
func NewUUID() string {
	var u [16]byte
	rand.Read(u[:]) // never fails
	return formatUUID(u, 4)
}

// DerivedUUID returns the UUID (version 5) that belongs to a name: the same
// for the same parts, whoever computes it. The first part says what of.
func DerivedUUID(parts ...string) string {
	sum := sha1.Sum([]byte("griot\x00" + strings.Join(parts, "\x00"))) //nolint:gosec
	return formatUUID([16]byte(sum[:16]), 5)
}

// IsDerivedUUID reports whether a UUID is one of DerivedUUID.
func IsDerivedUUID(uuid string) bool { return len(uuid) == 36 && uuid[14] == '5' }

func formatUUID(u [16]byte, version byte) string {
	u[6] = u[6]&0x0f | version<<4
	u[8] = u[8]&0x3f | 0x80
	return UnpackUUID(u)
}

// UnpackUUID returns the UUID of which PackUUID returned the bytes.
func UnpackUUID(u [16]byte) string {
	var s [36]byte
	hex.Encode(s[:8], u[:4])
	hex.Encode(s[9:13], u[4:6])
	hex.Encode(s[14:18], u[6:8])
	hex.Encode(s[19:23], u[8:10])
	hex.Encode(s[24:], u[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// PackUUID returns the bytes of what is a ValidUUID.
func PackUUID(s string) (u [16]byte, ok bool) {
	if !ValidUUID(s) {
		return u, false
	}
	_, err := hex.Decode(u[:], []byte(strings.ReplaceAll(s, "-", "")))
	return u, err == nil
}

// ValidUUID reports whether s is a UUID of any version in lower case.
func ValidUUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	return len(strings.Trim(strings.ReplaceAll(s, "-", ""), "0123456789abcdef")) == 0 && strings.Count(s, "-") == 4
}
