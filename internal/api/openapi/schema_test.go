package openapi_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"

	"griot/internal/schema"
	"griot/internal/text"
)

// parameters describes the members of a query.
func parameters(t reflect.Type) (out []any) {
	for _, m := range schema.Members(t) {
		if m.Param == "" {
			continue
		}
		p := mapping{{Key: "name", Value: m.Param}, {Key: "in", Value: "query"}}
		if slices.Contains(schema.Needs(t), m.Param) {
			p = append(p, entry{Key: "required", Value: true})
		}
		p = described(p, t, m.Index)
		s := member(m.Type, m.Rules)
		switch {
		case slices.Contains(schema.Needs(t), m.Param):
			s = append(with(s, "minLength", int64(1)), entry{Key: "pattern", Value: seen()})
		case m.Type.Kind() == reflect.String && m.Param != "cursor": // of a filter
			s = with(s, "minLength", max(1, value(m.Min)))
		}
		switch m.Type.Kind() {
		case reflect.Slice: // words between commas
			p = append(p, entry{Key: "style", Value: "form"}, entry{Key: "explode", Value: false})
			s = with(member(m.Type, words(m.Rules)), "minItems", int64(1))
		case reflect.Map:
			s = pairs(m)
		}
		if m.Default != "" {
			s = append(s, entry{Key: "default", Value: defaultOf(m)})
		}
		out = append(out, append(p, entry{Key: "schema", Value: s}))
	}
	return out
}

// words are the rules of a list between commas, in which empty entries are none.
func words(r schema.Rules) schema.Rules {
	each := eachOf(r)
	if !r.Full {
		one := int64(1)
		each.Min = &one
	}
	r.Each = &each
	return r
}

// pairs describes pairs between commas.
func pairs(m schema.Member) mapping {
	return mapping{
		{Key: "type", Value: "string"}, {Key: "pattern", Value: `^ *(` + strings.Join(m.Names.Words, "|") + `) *: *[^ ,]`},
		{Key: "example", Value: m.Names.Words[0] + ":griot"},
	}
}

func defaultOf(m schema.Member) any {
	switch m.Type.Kind() {
	case reflect.Int, reflect.Int64:
		var n int64
		_, _ = fmt.Sscan(m.Default, &n)
		return n
	case reflect.Bool:
		return m.Default == "true"
	}
	return m.Default
}

// body describes the object of a request. What may be absent may be null.
func body(t reflect.Type, strict bool) mapping {
	var required []any
	properties := mapping{}
	for _, m := range schema.Members(t) {
		if hidden(t, m.Index) {
			continue
		}
		s := member(m.Type, m.Rules)
		said := m.Type.Kind() == reflect.String && (m.Filled || m.Min != nil && m.Max != nil)
		needed := m.Required || said || slices.Contains(schema.Needs(t), m.Name)
		if needed {
			required = append(required, m.Name)
		} else {
			s = orNull(s)
		}
		s = described(s, t, m.Index)
		if index(s, "description") < 0 && m.Default != "" {
			s = append(s, entry{Key: "description", Value: m.Default + " unless given."})
		}
		properties = append(properties, entry{Key: m.Name, Value: s})
	}
	out := mapping{{Key: "type", Value: "object"}}
	if required != nil {
		out = append(out, entry{Key: "required", Value: required})
	}
	if strict {
		out = append(out, entry{Key: "additionalProperties", Value: false})
	}
	return append(out, entry{Key: "properties", Value: withoutFixed(t, properties)})
}

// withoutFixed leaves out what an outer struct calls fixed.
func withoutFixed(t reflect.Type, properties mapping) mapping {
	return slices.DeleteFunc(properties, func(p entry) bool { return slices.Contains(schema.Fixed(t), p.Key) })
}

func hidden(t reflect.Type, index []int) bool { return t.FieldByIndex(index).Tag.Get("doc") == "-" }

// member describes a value by its type and its rules.
func member(t reflect.Type, r schema.Rules) mapping {
	switch t.Kind() {
	case reflect.Pointer:
		return member(t.Elem(), r)
	case reflect.String:
		return aText(r)
	case reflect.Int, reflect.Int64:
		s := mapping{{Key: "type", Value: "integer"}}
		if r.Min != nil && r.Max != nil && *r.Min == *r.Max {
			return append(s, entry{Key: "const", Value: *r.Min})
		}
		return bounded(s, "minimum", "maximum", r)
	case reflect.Bool:
		s := mapping{{Key: "type", Value: "boolean"}}
		if r.Words != nil {
			s = append(s, entry{Key: "const", Value: r.Words[0] == "true"})
		}
		return s
	case reflect.Float64:
		return bounded(mapping{{Key: "type", Value: "number"}}, "minimum", "maximum", r)
	case reflect.Slice:
		return aList(t, r)
	case reflect.Map:
		return aMap(r, aText(eachOf(r)))
	}
	return body(t, false)
}

func aList(t reflect.Type, r schema.Rules) mapping {
	each := eachOf(r)
	each.Nonblank = each.Nonblank || r.Full
	s := bounded(mapping{{Key: "type", Value: "array"}}, "minItems", "maxItems", r)
	return append(s, entry{Key: "items", Value: member(t.Elem(), each)})
}

func aMap(r schema.Rules, each mapping) mapping {
	s := bounded(mapping{{Key: "type", Value: "object"}}, "minProperties", "maxProperties", r)
	if r.Names != nil {
		s = append(s, entry{Key: "propertyNames", Value: aText(*r.Names)[1:]})
	}
	return append(s, entry{Key: "additionalProperties", Value: each})
}

// eachOf are the rules of the entries of a list or an object.
func eachOf(r schema.Rules) schema.Rules {
	if r.Each == nil {
		return schema.Rules{}
	}
	return *r.Each
}

func aText(r schema.Rules) mapping {
	s := mapping{{Key: "type", Value: "string"}}
	form := schema.FormOf(r.Form)
	if form.Format != "" {
		s = append(s, entry{Key: "format", Value: form.Format})
	}
	switch {
	case len(r.Words) == 1:
		s = append(s, entry{Key: "const", Value: r.Words[0]})
	case r.Words != nil:
		s = append(s, entry{Key: "enum", Value: anys(r.Words)})
	}
	speaks := r.Required || r.Filled || r.Nonblank || r.Min != nil && r.Max != nil // says something
	if r.Words == nil && r.Form == "" && (speaks || r.Given) {
		s = append(s, entry{Key: "minLength", Value: max(1, value(r.Min))})
		r.Min = nil
	}
	s = bounded(s, "minLength", "maxLength", r)
	switch {
	case form.Pattern != "":
		s = append(s, entry{Key: "pattern", Value: form.Pattern})
	case r.Words != nil:
	case speaks && r.Line:
		s = append(s, entry{Key: "pattern", Value: "^" + onLine() + "*" + seenOnLine() + onLine() + "*$"})
	case speaks:
		s = append(s, entry{Key: "pattern", Value: seen()})
	case r.Seen && r.Line:
		s = append(s, entry{Key: "pattern", Value: "^(" + onLine() + "*" + seenOnLine() + onLine() + "*)?$"})
	case r.Line:
		s = append(s, entry{Key: "pattern", Value: "^" + onLine() + "*$"})
	}
	if form.Example != "" {
		s = append(s, entry{Key: "example", Value: form.Example})
	}
	return s
}

// Characters that are seen, that stand on a line, and both.
var (
	seen       = sync.OnceValue(func() string { return class(isSeen) })
	onLine     = sync.OnceValue(func() string { return class(isOnLine) })
	seenOnLine = sync.OnceValue(func() string { return class(func(c rune) bool { return isSeen(c) && isOnLine(c) }) })
)

func isSeen(c rune) bool   { return !text.Blank(string(c)) }
func isOnLine(c rune) bool { return text.OneLine(string(c)) }

// class is all characters but those for which holds is false, as regular
// expressions of all languages write them. It names the few: what generates
// texts from patterns takes minutes for the many.
func class(holds func(rune) bool) string {
	var b strings.Builder
	first := rune(-1)
	for c := rune(0); c <= unicode.MaxRune+1; c++ {
		out := c <= unicode.MaxRune && (c < 0xD800 || c > 0xDFFF) && !holds(c)
		switch {
		case out && first < 0:
			first = c
		case !out && first >= 0:
			b.WriteString(escaped(first))
			if c-1 > first {
				b.WriteString("-" + escaped(c-1))
			}
			first = -1
		}
	}
	return "[^" + b.String() + "]"
}

func escaped(c rune) string {
	if strings.ContainsRune(`\]^-[`, c) {
		return `\` + string(c)
	}
	return string(c)
}

func bounded(s mapping, least, most string, r schema.Rules) mapping {
	if r.Min != nil {
		s = with(s, least, value(r.Min))
	}
	if r.Max != nil {
		s = with(s, most, value(r.Max))
	}
	return s
}

func with(s mapping, key string, v any) mapping {
	if index(s, key) >= 0 || index(s, "enum") >= 0 || index(s, "pattern") >= 0 && key == "minLength" {
		return s
	}
	return append(s, entry{Key: key, Value: v})
}

func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// orNull lets a value be null, too.
func orNull(s mapping) mapping {
	switch i := index(s, "$ref"); {
	case i >= 0 && s[i].Value == ref("Time")[0].Value:
		return ref("OptionalTime")
	case i >= 0:
		return mapping{{Key: "anyOf", Value: []any{s, mapping{{Key: "type", Value: "null"}}}}}
	}
	s = slices.Clone(s)
	if i := index(s, "type"); i >= 0 {
		s[i].Value = []any{s[i].Value, "null"}
	}
	if i := index(s, "enum"); i >= 0 {
		s[i].Value = append(slices.Clone(s[i].Value.([]any)), nil)
	}
	return s
}

func anys(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}

// described adds the comment above a field.
func described(s mapping, t reflect.Type, index []int) mapping {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
	}
	field := t.Field(index[len(index)-1])
	name, _, _ := strings.Cut(t.Name(), "[") // of what it is generic
	if doc := comments(t.PkgPath())[name+"."+field.Name]; doc != "" {
		return append(s, entry{Key: "description", Value: doc})
	}
	return s
}

var (
	commentsOf = map[string]map[string]string{}
	parsing    sync.Mutex
)

// comments are those above the fields of a package's structs.
func comments(pkg string) map[string]string {
	parsing.Lock()
	defer parsing.Unlock()
	if known := commentsOf[pkg]; known != nil {
		return known
	}
	found := map[string]string{}
	dir := filepath.Join("..", "..", "..", strings.TrimPrefix(pkg, "griot/"))
	entries, err := os.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.ParseComments)
		if err != nil {
			panic(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					for _, name := range field.Names {
						found[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
					}
				}
			}
			return true
		})
	}
	commentsOf[pkg] = found
	return found
}
