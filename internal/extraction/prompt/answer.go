package prompt

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// answer is what a model noted of a part. A list that is none, or an item that
// is no object, counts as invalid; the rest is read all the same.
type answer struct {
	lists   map[string][]item
	invalid int
}

// item is one finding with whatever members the model gave it.
type item map[string]any

// decode reads the answer, which is a JSON object. A number that no machine can
// hold is one bad member.
func decode(object json.RawMessage) (a answer, err error) {
	if !json.Valid(object) {
		return answer{}, errors.New("it is no JSON")
	}
	numbers := json.NewDecoder(bytes.NewReader(object))
	numbers.UseNumber()
	var members map[string]any
	if err := numbers.Decode(&members); err != nil {
		return answer{}, err
	}
	a.lists = map[string][]item{}
	for _, name := range []string{"entities", "procedures", "risks", "decisions", "relations", "summary"} {
		a.lists[name], a.invalid = items(members[name], a.invalid)
	}
	return a, nil
}

// items reads a list of objects, and counts what is none.
func items(value any, invalid int) ([]item, int) {
	list, ok := value.([]any)
	if !ok && value != nil {
		return nil, invalid + 1
	}
	var all []item
	for _, v := range list[:min(len(list), maxItems)] {
		if members, ok := v.(map[string]any); ok {
			all = append(all, members)
		} else {
			invalid++
		}
	}
	return all, invalid + max(0, len(list)-maxItems)
}

// Bounds of what is taken from a model, in pieces and characters.
const (
	maxItems    = 300
	maxEvidence = 5
	maxTitle    = 200
	maxText     = 1000
	maxForms    = 20   // of a name
	maxClaims   = 2000 // quotes of one answer
)

// Bounds of what is kept of one session, so that whatever a model says of
// however long a talk, the work grows with its length only.
const (
	mostEntities  = 1000
	mostFindings  = 300 // of each other kind
	mostSteps     = 500 // of one procedure
	mostRelations = 1000
)

// str is a member as one line of at most n characters; "" if it is no text.
func (m item) str(name string, n int) string {
	text, _ := m[name].(string)
	text = strings.Join(strings.Fields(strings.Map(printed, text)), " ")
	if utf8.RuneCountInString(text) > n {
		text = strings.TrimSpace(string([]rune(text)[:n]))
	}
	return text
}

// printed puts a space in place of what is no part of a line: control
// characters, and marks that turn the direction of what follows; of a broken
// character nothing is left.
func printed(r rune) rune {
	switch {
	case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return ' '
	case r == utf8.RuneError:
		return -1
	}
	return r
}

// choice is the one of the words that a member says, with whatever capitals, and
// spaces or hyphens for underscores; "" if it says none of them.
func (m item) choice(name string, of []string) string {
	said := strings.NewReplacer(" ", "_", "-", "_").Replace(m.str(name, maxTitle))
	if i := slices.IndexFunc(of, func(word string) bool { return strings.EqualFold(word, said) }); i >= 0 {
		return of[i]
	}
	return ""
}

// strs is a list of texts, or one.
func (m item) strs(name string, n int) (all []string) {
	list, ok := m[name].([]any)
	if !ok {
		list = []any{m[name]}
	}
	for _, v := range list[:min(len(list), maxItems)] {
		if s := (item{"": v}).str("", n); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// line is a number, also one in a text or in brackets; 0 if there is none.
func (m item) line() int64 {
	switch v := m["line"].(type) {
	case json.Number:
		if n, err := v.Float64(); err == nil && n >= 0 && n < math.MaxInt32 {
			return int64(n)
		}
	case string:
		n, _ := strconv.ParseInt(strings.Trim(v, "[] "), 10, 32)
		return max(0, n)
	}
	return 0
}

// main is true unless the model says otherwise.
func (m item) main() bool {
	v, said := m["main"].(bool)
	return v || !said
}
