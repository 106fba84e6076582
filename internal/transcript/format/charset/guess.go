package charset

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Names of encodings as a reading has them.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
	Windows1251 = "windows-1251"
	ShiftJIS    = "shift_jis"
	EUCKR       = "euc-kr"
	GB18030     = "gb18030"
)

// A legacy encoding is one that a text may have which is not of Unicode.
type legacy struct {
	name     string
	encoding encoding.Encoding
	latin    bool
	letters  string  // languages by whose alphabets it is judged
	list     string  // or the one by whose list of characters
	other    float32 // what a character costs that is not in the list
	bearable float64 // average cost of a character of a text that is long
	read     bool    // or else only known, and refused by name
}

const (
	western  = "af ca da de es et fi fr ga is it nb nl pt sq sv"
	cyrillic = "be bg mk ru sr uk"
)

// legacies are in the order in which they are taken where two read the same.
var legacies = []legacy{
	{Windows1252, charmap.Windows1252, true, western, "", 0, 10.5, true},
	{Windows1251, charmap.Windows1251, false, cyrillic, "", 0, 5, true},
	{ShiftJIS, japanese.ShiftJIS, false, "", "ja", 10.5, 7, true},
	{EUCKR, korean.EUCKR, false, "", "ko", 10.5, 7, true},
	{GB18030, simplifiedchinese.GB18030, false, "", "zh", 11.5, 8.5, true},

	{"windows-1250", charmap.Windows1250, true, "cs hu pl ro sk sl", "", 0, 9, false},
	{"iso-8859-2", charmap.ISO8859_2, true, "cs hu pl ro sk sl", "", 0, 9, false},
	{"windows-1254", charmap.Windows1254, true, "tr", "", 0, 9, false},
	{"windows-1257", charmap.Windows1257, true, "et lt lv pl", "", 0, 9, false},
	{"macintosh", charmap.Macintosh, true, western, "", 0, 9, false},
	{"ibm850", charmap.CodePage850, true, western, "", 0, 9, false},
	{"ibm852", charmap.CodePage852, true, "cs hu pl ro sk sl", "", 0, 9, false},
	{"koi8-u", charmap.KOI8U, false, cyrillic, "", 0, 5, false},
	{"ibm866", charmap.CodePage866, false, cyrillic, "", 0, 5, false},
	{"iso-8859-5", charmap.ISO8859_5, false, cyrillic, "", 0, 5, false},
	{"x-mac-cyrillic", charmap.MacintoshCyrillic, false, cyrillic, "", 0, 5, false},
	{"windows-1253", charmap.Windows1253, false, "", "", 0, 5, false},
	{"windows-1255", charmap.Windows1255, false, "he", "", 0, 5, false},
	{"windows-1256", charmap.Windows1256, false, "", "", 0, 5, false},
	{"windows-874", charmap.Windows874, false, "", "", 0, 5, false},
	{"big5", traditionalchinese.Big5, false, "", "zh", 9.5, 9, false},
	{"euc-jp", japanese.EUCJP, false, "", "ja", 10.5, 7, false},
}

func (l legacy) scorer() *scorer {
	s := &scorer{other: l.other}
	var all []*language
	for tag := range strings.FieldsSeq(l.letters) {
		all = append(all, known()[tag])
	}
	s.tally = newTally(all)
	if l.list != "" {
		s.ideographs = known()[l.list]
	}
	return s
}

const (
	// margin is how much likelier than the next the best reading has to be.
	margin   = 3
	unlikely = 4
	notLatin = 10
	// doubt is what a short text may cost more than one that is long.
	doubt = 12
	// enough bytes of words that are not ASCII to tell encodings apart.
	enough = 16 << 10
)

// A guess is what an encoding makes of words.
type guess struct {
	legacy
	text string
	score
	handicap float64
}

func (g guess) total() float64 { return g.cost + g.handicap }

// guessed finds the encoding that explains the words best; none where two
// explain them equally well and read them differently, or where all that they
// make of it is no text. One that is only known has to explain them better
// than those that are read. Words in a text that is Latin else are rather
// Latin, too.
func guessed(words []byte, latin bool) (guess, bool) {
	var all []guess
	for _, l := range legacies {
		b, err := l.encoding.NewDecoder().Bytes(words)
		if err != nil {
			continue
		}
		g := guess{l, string(b), l.scorer().text(string(b)), 0}
		if !l.read {
			g.handicap += unlikely
		}
		if latin && !l.latin {
			g.handicap += notLatin
		}
		if i := slices.IndexFunc(all, func(other guess) bool { return other.text == g.text }); i >= 0 {
			all[i].cost = min(all[i].cost, g.cost)
			continue
		}
		all = append(all, g)
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(a.total(), b.total()) })
	best := all[0]
	for _, g := range all[1:] {
		if best.read && g.read && g.total() < best.total()+margin {
			return best, false
		}
	}
	return best, best.isText(best.bearable)
}

// isText reports whether a character costs what it may; in a short text a single
// one may be rare.
func (s score) isText(bearable float64) bool {
	return s.signs > 0 && s.cost-float64(s.ascii)*asciiCost <= bearable*float64(s.signs)+doubt
}

// words collects from b what stands between blanks and is not all ASCII, until
// there is enough. No byte of a character is a blank in any of the encodings.
func words(b []byte, enough int) []byte {
	var out []byte
	for len(b) > 0 && len(out) < enough {
		i := bytes.IndexFunc(b, func(r rune) bool { return r > 0x7F })
		if i < 0 {
			break
		}
		from := bytes.LastIndexAny(b[:i], " \t\r\n") + 1
		to := len(b)
		if n := bytes.IndexAny(b[i:min(len(b), i+enough)], " \t\r\n"); n >= 0 {
			to = i + n
		}
		to = min(to, i+enough)
		out = append(append(out, b[max(from, i-64):to]...), ' ')
		b = b[to:]
	}
	return out
}

// mostlyLatin recognises a text with many more letters of ASCII than bytes that
// are not ASCII; before it were so many bytes of ASCII, about half of them
// letters.
func mostlyLatin(b []byte, before int) bool {
	letters, high := before/2, 0
	for _, c := range b {
		switch {
		case c > 0x7F:
			high++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		}
	}
	return letters > 8*high
}
