// Package id makes and checks griot's identifiers: a prefix that names the
// resource and a ULID (26 Crockford base32 characters).
package id

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// Prefixes of the identifiers on the wire (contract A.4 and C).
const (
	Workspace = "ws_"
	Project   = "prj_"
	Session   = "ses_"
	Artifact  = "art_"
	Upload    = "upl_"
	Deletion  = "del_"
	Candidate = "cand_"
	Request   = "req_"
	// Of the other API; memories and topics have UUIDs.
	Conversation  = "conv_"
	MemorySession = "session_"
)

// At returns a new id whose ULID carries the time t.
func At(prefix string, t time.Time) string {
	return prefix + ulid.MustNew(ulid.Timestamp(t), rand.Reader).String()
}

// Derived returns the id that belongs to a name: the same for the same time
// and parts, whoever computes it.
func Derived(prefix string, t time.Time, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	var u ulid.ULID
	copy(u[6:], sum[:])
	_ = u.SetTime(ulid.Timestamp(t)) // fails only after the year 10889
	return prefix + u.String()
}

// Valid reports whether s is the prefix and a ULID in upper case.
func Valid(prefix, s string) bool {
	body, ok := strings.CutPrefix(s, prefix)
	if !ok || strings.ToUpper(body) != body {
		return false
	}
	_, err := ulid.ParseStrict(body)
	return err == nil
}

// Time returns the time that an id carries, with millisecond precision, or
// the zero time when s is not an id.
func Time(s string) time.Time {
	_, body, _ := strings.Cut(s, "_")
	u, err := ulid.ParseStrict(body)
	if err != nil {
		return time.Time{}
	}
	return ulid.Time(u.Time()).UTC()
}

// Lowest returns the id that sorts before all others of its time.
func Lowest(prefix string, t time.Time) string {
	var u ulid.ULID
	_ = u.SetTime(ulid.Timestamp(t)) // fails only after the year 10889
	return prefix + u.String()
}

// Pack returns the bytes of an id's ULID, which sort as ids do; ok is false when s
// is not an id.
func Pack(s string) (u [16]byte, ok bool) {
	_, body, _ := strings.Cut(s, "_")
	parsed, err := ulid.ParseStrict(body)
	return parsed, err == nil
}

// Unpack returns the id of which Pack returned the bytes.
func Unpack(prefix string, u [16]byte) string { return prefix + ulid.ULID(u).String() }

// PackedTime returns the time of an id of which Pack returned the bytes, in
// milliseconds since 1970.
func PackedTime(u [16]byte) int64 { return int64(ulid.ULID(u).Time()) }
