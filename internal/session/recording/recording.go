package recording

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/session/upload"
	"griot/internal/transcriber"
)

// Of returns what an engine is to write down of a session that has been
// [Service.Recognized].
func Of(r upload.Reading) transcriber.Recording {
	rec := r.Recording.Job(r.Ref())
	rec.Object, rec.Title, rec.Language, rec.Speakers = r.Object, r.Title, r.SpokenLanguage, r.Speakers
	rec.Kind, rec.DurationMS, rec.Channels, rec.SampleRate = r.Recording.Kind, r.Recording.DurationMS, r.Recording.Channels, r.Recording.SampleRate
	if name := nameIn(r.IntervieweeEmail); name != "" {
		rec.Names = []string{name}
	}
	return rec
}

// nameIn makes a name of an address such as priya.raman@acme.com; "" where it
// does not look like one.
func nameIn(email string) string {
	a, err := mail.ParseAddress(email)
	if err != nil {
		return ""
	}
	local, _, _ := strings.Cut(a.Address, "@")
	local, _, _ = strings.Cut(local, "+")
	parts := strings.FieldsFunc(local, func(c rune) bool { return c == '.' || c == '_' || c == '-' })
	for i, p := range parts {
		first, n := utf8.DecodeRuneInString(p)
		if strings.ContainsFunc(p, func(c rune) bool { return !unicode.IsLetter(c) }) || len(p) == n && len(parts) == 1 {
			return ""
		}
		parts[i] = string(unicode.ToUpper(first)) + p[n:]
	}
	return strings.Join(parts, " ")
}
