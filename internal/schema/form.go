package schema

import "strings"

// Words of forms: texts, and a number, that have rules of their own.
const (
	Time       = "time"         // RFC 3339
	Past       = "past"         // the same, of something that has been
	Day        = "day"          // the same, or a date
	Email      = "email"        // an address
	URL        = "url"          // of http or https
	URI        = "uri"          // any
	UUID       = "uuid"         // in lower case
	Talk       = "conversation" // the id of one
	Sitting    = "sitting"      // the id of a session of memories
	Language   = "language"     // BCP 47
	Media      = "media"        // a media type
	Name       = "name"         // of a memory
	NameOrNone = "name-or-none" // of a memory, or ""
	Age        = "age"          // 24h, 7d
	Seq        = "seq"          // a number: of a segment, or 0
)

// Form describes one.
type Form struct {
	Format, Pattern, Example string
	Otherwise                string // what is said of a value that is not of it

	valid func(string) bool // of a text; nil: whoever reads the value judges it
}

// FormOf describes a form by its word; "" is any text.
func FormOf(word string) Form {
	switch word {
	case Time:
		return Form{Format: "date-time"}
	case Past:
		return Form{Format: "date-time", Example: "2026-05-18T14:00:00.000Z"}
	case Day:
		return Form{Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt].*)?$`, Example: "2099-12-31"}
	case Email:
		return Form{Format: "email", Example: "aria@acme.com"}
	case URL:
		return Form{Format: "uri", Pattern: `^[Hh][Tt][Tt][Pp][Ss]?://`, Example: "https://files.example.com/handoff.vtt"}
	case URI:
		return Form{Format: "uri"}
	case UUID:
		return Form{Format: "uuid"}
	case Talk:
		return Form{Pattern: `^conv_[0-7][0-9A-HJKMNP-TV-Z]{25}$`, Example: "conv_01KRXN6W2VY3N0J8Q5Y3M2N4P6"}
	case Sitting:
		return Form{Pattern: `^session_[0-7][0-9A-HJKMNP-TV-Z]{25}$`, Example: "session_01KRXN6W2VY3N0J8Q5Y3M2N4P6"}
	case Language:
		return Form{Pattern: `^[A-Za-z0-9]{2,3}(-[A-Za-z0-9]+)*$`, Example: "pt-BR", valid: isLanguage, Otherwise: "is not a language tag such as en or pt-BR"}
	case Media:
		return Form{Pattern: `^[ -~]*$`, Example: "text/vtt"}
	case Name:
		return Form{Pattern: `^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`, Example: "deploy-checklist"}
	case NameOrNone:
		return Form{Pattern: `^([a-z0-9][a-z0-9-]{0,62}[a-z0-9])?$`, Example: "deploy-checklist"}
	case Age:
		return Form{Pattern: `^[1-9][0-9]{0,4}(h|d|w|mo)$`, Example: "24h"}
	case Seq:
		return Form{Otherwise: "must be the seq of a segment, or 0"}
	case "":
		return Form{}
	}
	panic("schema: there is no form " + word) // of the source; a test reads them all
}

// isLanguage is true for the form of a BCP 47 tag.
func isLanguage(s string) bool {
	first, _, _ := strings.Cut(s, "-")
	return len(first) >= 2 && len(first) <= 3 && !strings.HasSuffix(s, "-") && !strings.Contains(s, "--") &&
		strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
