package apitest

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Structs compares the schemas of answers with the structs that are written as
// them: the same members, required where they are always there, null only where
// a struct can be, and of the same types. All schemas that answers of the API
// refer to have to be of one of the structs; nil is one that is elsewhere.
func Structs(t *testing.T, prefix string, structs map[string]any) {
	doc, err := documentOf(prefix)
	if err != nil {
		t.Fatal(err)
	}
	c := comparison{t: t, doc: doc, seen: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(structs)) {
		c.seen[name] = true
		if of := reflect.TypeOf(structs[name]); of != nil {
			c.value(object{"$ref": "#/components/schemas/" + name}, of, name)
		}
	}
	for name := range answered(doc) {
		if !c.seen[name] {
			t.Errorf("no struct is the schema %s", name)
		}
	}
}

// answered are the names of the schemas that answers refer to themselves.
func answered(doc object) map[string]bool {
	names := map[string]bool{}
	for _, path := range doc["paths"].(object) {
		for _, op := range path.(object) {
			operation, ok := op.(object)
			if !ok {
				continue
			}
			for status, response := range operation["responses"].(object) {
				content, _ := response.(object)["content"].(object)
				media, _ := content["application/json"].(object)
				schema, _ := media["schema"].(object)
				ref, _ := schema["$ref"].(string)
				if name, ok := strings.CutPrefix(ref, "#/components/schemas/"); ok && status[0] == '2' {
					names[name] = true
				}
			}
		}
	}
	return names
}

type comparison struct {
	t    *testing.T
	doc  object
	seen map[string]bool
}

func (c comparison) value(schema object, of reflect.Type, at string) {
	if ref, ok := schema["$ref"].(string); ok {
		c.seen[strings.TrimPrefix(ref, "#/components/schemas/")] = true
	}
	schema = resolve(c.doc, schema)
	if slices.Contains(typesOf(schema), any("null")) && !mayBeNull(of) {
		c.t.Errorf("%s is never null", at)
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch {
	case of == reflect.TypeFor[json.RawMessage](): // written elsewhere, and seen there
	case of.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		c.is(schema, "string", at)
	case of.Kind() == reflect.Struct:
		c.members(schema, of, at)
	case of.Kind() == reflect.Slice, of.Kind() == reflect.Array:
		c.is(schema, "array", at)
		if items, ok := schema["items"].(object); ok {
			c.value(items, of.Elem(), at+"[]")
		}
	case of.Kind() == reflect.Map:
		c.is(schema, "object", at)
		if others, ok := schema["additionalProperties"].(object); ok {
			c.value(others, of.Elem(), at+".*")
		}
	default:
		c.is(schema, kinds[of.Kind()], at)
	}
}

var kinds = map[reflect.Kind]string{
	reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number",
}

// mayBeNull reports whether a value can be written as null: a list or a map
// can, if nobody sees to it.
func mayBeNull(of reflect.Type) bool {
	return of == reflect.TypeFor[json.RawMessage]() || slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, of.Kind())
}

func (c comparison) is(schema object, name, at string) {
	if types := typesOf(schema); !slices.Contains(types, any(name)) && !slices.Equal(types, []any{"null"}) {
		c.t.Errorf("%s is of type %s, and documented as %v", at, name, types)
	}
}

func (c comparison) members(schema object, of reflect.Type, at string) {
	properties, required := c.flat(schema)
	for _, field := range reflect.VisibleFields(of) {
		name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		described, ok := properties[name].(object)
		if !ok {
			c.t.Errorf("%s.%s is not documented", at, name)
			continue
		}
		delete(properties, name)
		if always := !strings.Contains(rest, "omit"); always != slices.Contains(required, any(name)) {
			c.t.Errorf("%s.%s: always there %v, and required %v", at, name, always, !always)
		}
		c.value(described, field.Type, at+"."+name)
	}
	for name := range properties {
		c.t.Errorf("%s.%s is documented, and there is no such member", at, name)
	}
}

// flat are the members of an object, those of its parts among them.
func (c comparison) flat(schema object) (properties object, required []any) {
	properties = object{}
	for _, part := range list(schema["allOf"]) {
		more, needed := c.flat(resolve(c.doc, part.(object)))
		maps.Copy(properties, more)
		required = append(required, needed...)
	}
	own, _ := schema["properties"].(object)
	maps.Copy(properties, own)
	return properties, append(required, list(schema["required"])...)
}
