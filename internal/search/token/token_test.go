package token

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

// terms writes tokens as (stop words), [extras] and parts'.
func terms(text string) string {
	var all []string
	for t := range All(text) {
		term := t.Term
		if t.Stop {
			term = "(" + term + ")"
		}
		if t.Spans > 0 {
			term = "[" + term + "]"
		}
		if t.Part {
			term += "'"
		}
		all = append(all, term)
	}
	return strings.Join(all, " ")
}

func TestAll(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"  …!?", ""},
		{"Discussions, discussed: DISCUSSING", "discuss discuss discuss"},
		{"Where did Caroline's painter go?", "(where) (did) carolin painter go"},
		{"She went, we’re going; don't", "(she) go (we) go (do)"},
		{"O'Brien 'quoted' rock'n'roll l’école", "[brien] obrien quot rocknrol [ecol] lecol"},
		{"Café CRÈME Straße Łódź ﬁne", "cafe creme strass lodz fine"},
		{"हिन्दी Ελλάς МОСКВА", "हिन्दी ελλασ москва"},
		{"a\xffb \x00c", "(a) b c"},
		{strings.Repeat("x1", 100), strings.Repeat("x1", 32)},
		{strings.Repeat("é1д", 100), strings.Repeat("e1д", 16)},
	} {
		if got := terms(c.text); got != c.want {
			t.Errorf("All(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestCompounds(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"loadUserName", "[loadusernam] load' user' name'"},
		{"LOAD_USER_NAME load-user-name", "[loadusernam] load' user' name' [loadusernam] load' user' name'"},
		{"readXMLFile", "[readxmlfil] read' xml' file'"},
		{"iPad eBook PDFs PhD XMLs", "ipad ebook pdfs phd xmls"},
		{"e-book, post-16", "[ebook] e' book' [post16] post' 16'"},
		{"and/or 24/7 16:30", "[andor] (and)' (or)' [24/7] 24' 7' [16:30] 16' 30'"},
		{"v3.1.4 3.1.4", "[3.1.4] v3' 1' 4' [3.1.4] 3' 1' 4'"},
		{"2.5-beta", "[2.5beta] [2.5] 2' 5' beta'"},
		{"12,345.67 1,2,3 1,2345", "[12345.67] 12' 345' 67' 1 2 3 1 2345"},
		{"192.168.7.9:8443", "[192.168.7.9:8443] [192.168.7.9] 192' 168' 7' 9' 8443'"},
		{"555-010-4477 2019-2021 8-9", "[5550104477] 555' 010' 4477' 2019 2021 8 9"},
		{"2026-03-02T10:00:00Z", "2026 03 02t10 00 00z"},
		{"N.A.T.O. U.S. e.g.", "[nato] n' (a)' t' o' [Us] u' s' [eg] e' g'"},
		{"three.js's", "[threej] three' js'"},
		{"src/user-name.go", "[srcusernamego] src' [usernamego] [usernam] user' name' go'"},
		{"zoe.king@mail.example", "[zoekingmailexampl] [zoek] zoe' king' [mailexampl] mail' exampl'"},
		{"https://www.example.org/a_b", "[exampleorgab] https' [exampleorg] www' exampl' org' [ab] (a)' b'"},
		{"http://example.org", "http [exampleorg] exampl' org'"},
		{"R&D", "[rd] r' d'"},
		{"C++ or C#, not C#x and abc#", "[c++] c (or) [c#] c (not) [cx] c' x' (and) abc"},
		{"می\u200cروم", "[ميروم] مي' روم'"},
		{"end. Next -x _y_ (z)", "end next x y z"},
	} {
		if got := terms(c.text); got != c.want {
			t.Errorf("All(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	long := strings.Repeat("ab/", 30)
	if a, b := terms(long + "x")[:70], terms(long + "y")[:70]; a == b || len(a) < len("["+"]")+maxWord {
		t.Errorf("long paths %q and %q", a, b)
	}
}

func TestParticles(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"sign up, signed up, sign-up, signup", "[signup] sign (up) [signup] sign (up) [signup] sign' (up)' signup"},
		{"log on", "[logon] log (on)"},
		{"live on, sign  up, sign upper, sign up-to", "live (on) sign (up) sign upper sign [upto] (up)' (to)'"},
	} {
		if got := terms(c.text); got != c.want {
			t.Errorf("All(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"ask Will about IT in the US", "ask [Will] (will) (about) [It] (it) (in) (the) [Us] (us)"},
		{"Did Will go? Will Anna? Will you?", "(did) [Will] (will) go (will) anna (will) (you)"},
		{"Will called. Will, come! Will's", "[Will] (will) call [Will] (will) come [Will] (will)"},
		{"so; It went. \"Who\" (The end) and\nThen", "(so) (it) go (who) (the) end (and) (then)"},
		{"fans of The Who", "fan (of) [The] (the) (who)"},
		{"Lord Of The Rings", "lord [Of] (of) (the) ring"},
		{"WHAT IS IT ABOUT", "(what) (is) (it) (about)"},
		{"IT", "[It] (it)"},
		{"I think I am", "(i) think (i) (am)"},
		{"non-US and read_IN", "[nonus] non' [Us] (us)' (and) [readin] read' (in)'"},
	} {
		if got := terms(c.text); got != c.want {
			t.Errorf("All(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestEmoji(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"🙂🙂x", "🙂 🙂 x"},
		{"👍🏽 👍 ✔️ ✔ ❤️", "👍 👍 ✔ ✔ ❤"},
		{"👩🏽\u200d🔧 🏃\u200d♀️", "[👩\u200d🔧] 👩' 🔧' [🏃\u200d♀] 🏃'"},
		{"🇵🇱🇳🇴 🇵", "🇵🇱 🇳🇴 🇵"},
		{"3️⃣ 3 #", "3⃣ 3"},
		{"→ ↔️ ■ © ©️ • $5", "↔ © 5"},
		{"👩\u200d", "👩"},
	} {
		if got := terms(c.text); got != c.want {
			t.Errorf("All(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestScripts(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"東京の会議 meeting", "[東京] 東' [京の] 京' [の会] の' [会議] 会' 議' meet"},
		{"サーバ。ｻｰﾊﾞ", "[サー] サ' [ーバ] ー' バ' [サー] サ' [ーバ] ー' バ'"},
		{"ที่นี่", "[ที่นี่] ท' ี' ่' น' ี' ่'"},
		{"부산에서 바다", "[부산] [산에] [에서] 부산에서 바다"},
		{"كِتَابٌ كتـاب الكتاب والكتاب أحمد مدرسة", "كتاب كتاب [الكتاب] كتاب [والكتاب] كتاب احمد مدرسه"},
		{"שָׁלוֹם צה״ל", "שלום צהל"},
		{"İzmir IZMIR ızmır İzmir'den", "izmir izmir izmir [izmir] izmirden"},
		{"क़लम कलम", "कलम कलम"},
		{"co\u00adoperate ＡＢＣ ٣٤", "cooper abc 34"},
	} {
		if got := terms(c.text); got != norm.NFKD.String(c.want) {
			t.Errorf("All(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		word, want string
		certain    bool
	}{
		{"Müller", "mueller", true}, {"mu\u0308ller", "mueller", true}, {"Århus", "aarhus", true},
		{"Mueller", "muller", false}, {"Aarhus", "", false}, {"Quelle", "", false}, {"bauen", "", false}, {"blue", "", false}, {"goes", "", false},
	} {
		got, certain := Spellings(c.word)
		if strings.Join(got, " ") != c.want || certain != c.certain {
			t.Errorf("Spellings(%q) = %q, %v, want %q", c.word, got, certain, c.want)
		}
	}
}

func TestAllTellsWhere(t *testing.T) {
	text := "Zoë's café, don't"
	var words []string
	for tok := range All(text) {
		words = append(words, text[tok.Start:tok.End])
	}
	if diff := cmp.Diff([]string{"Zoë's", "café", "don't"}, words); diff != "" {
		t.Error(diff)
	}
}

func TestDates(t *testing.T) {
	day := DateTerms(time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC))
	if diff := cmp.Diff([]string{"2026-03-02", "2026-03", "03-02", "march"}, day); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct{ text, want string }{
		{"on 2 March 2026", "2026-03-02 2026-03 03-02"},
		{"March 2nd, 2026", "2026-03-02 2026-03 03-02"},
		{"the 2nd of March", "03-02"},
		{"in March 2026", "2026-03"},
		{"2026-03-02T10:00:00Z", "2026-03-02 2026-03 03-02"},
		{"Sept 9", "09-09"},
		{"March of 12 people in 1999", "03-12"},
		{"may I, in 2026", "2026-05"},
		{"in 2026", ""},
		{"2026-13-02 32", ""},
	} {
		var content []string
		for tok := range All(c.text) {
			if !tok.Stop && tok.Spans == 0 {
				content = append(content, tok.Term)
			}
		}
		found := Dates(content)
		slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
		if got := strings.Join(slices.Compact(found), " "); got != c.want {
			t.Errorf("Dates(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzAll(f *testing.F) {
	f.Add("Where did Zoë’s team meet on 2 March 2026? 東京")
	f.Add("\xff\xfe'a'\u0301b\u0301")
	f.Add("getUserName.v1.2.3@x-y/z 👩🏽\u200d🔧🇵🇱3️⃣ ｶﾞｷﾞ ที่นี่ 부산에서는 log in IT")
	f.Fuzz(func(t *testing.T, text string) {
		start, bytes, words, due := 0, 0, 0, 0
		for tok := range All(text) {
			if tok.Start < start || tok.End <= tok.Start || tok.End > len(text) {
				t.Fatalf("token at %d–%d after %d of %d bytes", tok.Start, tok.End, start, len(text))
			}
			if start = tok.Start; tok.Term == "" || len(tok.Term) > maxWord || !utf8.ValidString(tok.Term) {
				t.Fatalf("term %q", tok.Term)
			}
			if bytes += len(tok.Term); tok.Spans > 0 {
				due = max(due, words+tok.Spans)
				continue
			}
			words++
		}
		if bytes > 24*len(text) {
			t.Errorf("%d bytes of terms of %d bytes", bytes, len(text))
		}
		if words < due {
			t.Errorf("an extra stands for a word that is none: %d of %d", words, due)
		}
	})
}

func BenchmarkAll(b *testing.B) {
	text := strings.Repeat("When did Caroline go to the support group for painters she met in Łódź? ", 100)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for range All(text) {
		}
	}
}
