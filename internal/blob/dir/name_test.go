package dir

import (
	"strings"
	"testing"
)

func TestObjectName(t *testing.T) {
	tests := map[string]string{
		"a":                              "objects/a@",
		"a/b.json":                       "objects/a,/b.json@",
		"inbox/ws_01J/x":                 "objects/inbox,/ws_01+j,/x@",
		"+%/ü @":                         "objects/%2b%25,/%c3%bc%20%40@",
		strings.Repeat("x", 79):          "objects/" + strings.Repeat("x", 79) + "@",
		strings.Repeat("x", 80):          "objects/" + strings.Repeat("x", 80) + "~/@",
		strings.Repeat("x", 80) + "/y":   "objects/" + strings.Repeat("x", 80) + "~/,/y@",
		strings.Repeat("x", 161) + "/y":  "objects/" + strings.Repeat("x", 80) + "~/" + strings.Repeat("x", 80) + "~/x,/y@",
		strings.Repeat("\u0000", 80)[:3]: "objects/%00%00%00@",
	}
	for key, want := range tests {
		if got := objectName(key); got != want {
			t.Errorf("objectName(%q) = %q, want %q", key, got, want)
		}
	}
}

// FuzzNames checks for any element that its names are short, lower-case and
// lead back to it.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"a", "A+b%C", "ü/日", strings.Repeat("É", 300), "\x00~,@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, element string) {
		var back strings.Builder
		for name := range strings.SplitSeq(elementName(element, objectMark), "/") {
			text, _, ok := parseName(name)
			if !ok || len(name) > 255 || strings.ToLower(name) != name {
				t.Errorf("name %q of %q", name, element)
			}
			back.WriteString(text)
		}
		if back.String() != element {
			t.Errorf("%q came back as %q", element, back.String())
		}
	})
}

// FuzzParseName checks that of any file name at most one text is read.
func FuzzParseName(f *testing.F) {
	for _, seed := range []string{"a@", "+a,", "%c3%bc~", "%", "+", "%zz@", "%41@", "+1@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		text, mark, ok := parseName(name)
		var again strings.Builder
		escape(&again, text)
		if ok && again.String()+string(mark) != name {
			t.Errorf("%q reads as %q, which is %q", name, text, again.String())
		}
	})
}
