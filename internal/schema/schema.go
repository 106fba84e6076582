// Package schema says what the members of a request may be. The words are in
// the tags of its struct, once: the edge decodes by them, the domain checks by
// them, and the APIs' documents are made of them. Of an answer they say what
// its members are, for the documents.
//
//	Title    string   `json:"title" is:"required line ..500"`
//	Speakers []string `json:"speakers" is:"..100 each filled line ..200"`
//	Limit    int      `json:"limit" is:"1..200" default:"50"`
//
// The words of a member:
//
//	required   it has to be there, and a text to say something
//	filled     the same of a text, in the words of the conversations API
//	nonblank   it may not show nothing: an entry of a list
//	seen       the same of a text that may be empty
//	given      "" is refused: it would mean something else than its absence
//	nullable   null takes away what was there; else it is an absent member
//	line       one line, without control characters
//	1..30      the bounds of a number, of the characters of a text or of the
//	           entries of a list; either may be left out
//	of:a|b     one of these words; a type with Values names them itself
//	as:time    of this form (see FormOf); whoever reads the value judges it
//	full       a list of which no entry is blank, named by the list
//	each       what follows is of the entries of a list, or of the values of
//	           an object
//	names      what follows is of the names of such an object's members
//
// A member of an answer is there unless it says omitempty, and null where it
// is a pointer without that, or nullable.
package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// Rules are the words of one member.
type Rules struct {
	Required, Filled, Nonblank, Seen, Given, Nullable, Line, Full bool
	Min, Max                                                      *int64
	Words                                                         []string
	Form                                                          string
	Each, Names                                                   *Rules
}

// Member is a field of a request's or an answer's struct.
type Member struct {
	Name    string // in bodies
	Param   string // in queries, "" where it is none
	Index   []int
	Type    reflect.Type
	Default string // in queries, and of numbers in bodies; "" is none
	Omitted bool   // from an answer, where it is empty
	Rules
}

// Values are the words of a type that has few.
type Values interface{ Values() []string }

// Encoded is the JSON of a T, which was encoded before; null where there is
// none.
type Encoded[T any] struct{ json.RawMessage }

// Of returns the type that it is the JSON of.
func (Encoded[T]) Of() reflect.Type { return reflect.TypeFor[T]() }

// request is what the tags of a struct say.
type request struct {
	members            []Member
	fixed, needs, idle []string
}

// requests are kept by the structs that they are of.
var requests sync.Map

func requestOf(t reflect.Type) *request {
	if known, ok := requests.Load(t); ok {
		return known.(*request)
	}
	r := &request{members: membersOf(t), fixed: named(t, "fixed"), needs: named(t, "needs"), idle: named(t, "idle")}
	requests.Store(t, r)
	return r
}

// Members returns the members of a struct, in their order.
func Members(t reflect.Type) []Member { return requestOf(t).members }

func membersOf(t reflect.Type) (out []Member) {
	for _, field := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		param, isParam := field.Tag.Lookup("query")
		if name == "" && param == "" || name == "-" {
			continue
		}
		if !isParam {
			param = name
		}
		out = append(out, Member{
			Name: name, Param: strings.TrimSuffix(param, "-"), Index: field.Index, Type: field.Type,
			Default: field.Tag.Get("default"), Omitted: options == "omitempty", Rules: rulesOf(field),
		})
	}
	return out
}

// Most returns the upper bound of a member of T, for what has to keep to it.
func Most[T any](member string) int {
	for _, m := range Members(reflect.TypeFor[T]()) {
		if m.Name == member {
			return int(*m.Max)
		}
	}
	panic("schema: there is no member " + member)
}

// Fixed returns the names that the tag fixed of a struct has: a body knows
// them and must not have them, since they belong to the thing and this request
// cannot change them. It stands on a blank field, as does needs.
func Fixed(t reflect.Type) []string { return requestOf(t).fixed }

// Needs returns the names that the tag needs has: of members that are not
// required where else the struct is used.
func Needs(t reflect.Type) []string { return requestOf(t).needs }

// Idle returns the parameters that the tag idle has: those that clients send,
// without effect.
func Idle(t reflect.Type) []string { return requestOf(t).idle }

func named(t reflect.Type, tag string) (out []string) {
	for i := range t.NumField() {
		field := t.Field(i)
		out = append(out, strings.Fields(field.Tag.Get(tag))...)
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			out = append(out, named(field.Type, tag)...)
		}
	}
	return out
}

func rulesOf(field reflect.StructField) Rules {
	rules, err := parse(strings.Fields(field.Tag.Get("is")))
	if err != nil {
		panic(fmt.Sprintf("schema: %s: %v", field.Name, err)) // of the source; a test reads them all
	}
	if words := wordsOf(field.Type); words != nil {
		rules.Words = words
	}
	if field.Type.Kind() == reflect.Slice && wordsOf(field.Type.Elem()) != nil {
		rules.Each = &Rules{Words: wordsOf(field.Type.Elem())}
	}
	return rules
}

func wordsOf(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v, ok := reflect.Zero(t).Interface().(Values); ok && t.Kind() == reflect.String {
		return v.Values()
	}
	return nil
}

func parse(words []string) (r Rules, err error) {
	for i, word := range words {
		switch {
		case word == "each", word == "names":
			rest, err := parse(words[i+1:])
			if word == "names" {
				r.Each, rest.Each = rest.Each, nil
				r.Names = &rest
			} else {
				r.Each = &rest
			}
			return r, err
		case r.flag(word):
		case strings.Contains(word, ".."):
			least, most, _ := strings.Cut(word, "..")
			if r.Min, err = bound(least); err == nil {
				r.Max, err = bound(most)
			}
			if err != nil {
				return r, err
			}
		case strings.HasPrefix(word, "of:"):
			r.Words = strings.Split(word[len("of:"):], "|")
		case strings.HasPrefix(word, "as:"):
			r.Form = word[len("as:"):]
		default:
			return r, fmt.Errorf("%q is no word of a tag", word)
		}
	}
	return r, nil
}

func (r *Rules) flag(word string) bool {
	into := map[string]*bool{
		"required": &r.Required, "filled": &r.Filled, "nonblank": &r.Nonblank, "seen": &r.Seen, "given": &r.Given,
		"nullable": &r.Nullable, "line": &r.Line, "full": &r.Full,
	}[word]
	if into != nil {
		*into = true
	}
	return into != nil
}

func bound(s string) (*int64, error) {
	if s == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return &n, err
}
