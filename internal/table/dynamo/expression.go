package dynamo

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

// expression collects the names and values of a request's expressions, in
// which they stand as #0 and :0: attributes may be called like one of
// DynamoDB's 573 reserved words, or anything else.
type expression struct {
	now    int64
	names  map[string]string
	values map[string]types.AttributeValue
}

func (e *expression) name(attr string) string {
	if e.names == nil {
		e.names = map[string]string{}
	}
	p := "#" + strconv.Itoa(len(e.names))
	e.names[p] = attr
	return p
}

func (e *expression) value(v any) string {
	if e.values == nil {
		e.values = map[string]types.AttributeValue{}
	}
	p := ":" + strconv.Itoa(len(e.values))
	e.values[p] = encode(v)
	return p
}

// condition returns the condition of an operation, nil when it has none.
func (e *expression) condition(op table.Op) *string {
	var parts []string
	if op.Kind == table.UpdateOp || slices.ContainsFunc(op.If, needsItem) {
		exp := e.name(table.ExpiresAttr)
		parts = append(parts, fmt.Sprintf("(attribute_not_exists(%s) OR %s > %s)", exp, exp, e.value(e.now)))
	}
	for _, cond := range op.If {
		parts = append(parts, e.test(cond))
	}
	if len(parts) == 0 {
		return nil
	}
	all := strings.Join(parts, " AND ")
	return &all
}

// needsItem reports whether a condition holds for an item that is there only.
func needsItem(c table.Cond) bool {
	return c.Test == table.TestExists || c.Test == table.TestEqual || c.Test == table.TestLess
}

// test is true of expired items where it is of absent ones. For a condition
// that needs an item, condition excludes expired ones.
func (e *expression) test(c table.Cond) string {
	switch c.Test {
	case table.TestAbsent:
		return "(attribute_not_exists(pk) OR " + e.gone() + ")"
	case table.TestExists:
		return "attribute_exists(pk)"
	case table.TestEqual:
		return e.name(c.Attr) + " = " + e.value(c.Value)
	case table.TestLess:
		return e.name(c.Attr) + " < " + e.value(c.Value)
	}
	attr := e.name(c.Attr)
	missing := "attribute_not_exists(" + attr + ") OR " + e.gone()
	if c.Test == table.TestMissingOrLess {
		missing += " OR " + attr + " < " + e.value(c.Value)
	}
	return "(" + missing + ")"
}

func (e *expression) gone() string {
	return e.name(table.ExpiresAttr) + " <= " + e.value(e.now)
}

// update returns what an Update changes. It is never empty, since a
// transaction demands something: removing what is not there does nothing.
func (e *expression) update(op table.Op) *string {
	var set, add, remove []string
	for name, value := range op.Attrs {
		set = append(set, e.name(name)+" = "+e.value(value))
	}
	for name, n := range op.Add {
		add = append(add, e.name(name)+" "+e.value(n))
	}
	for _, name := range op.Remove {
		remove = append(remove, e.name(name))
	}
	if len(set)+len(add)+len(remove) == 0 {
		remove = append(remove, e.name(rand.Text()))
	}
	var clauses []string
	for _, c := range []struct {
		verb  string
		parts []string
	}{{"SET ", set}, {"ADD ", add}, {"REMOVE ", remove}} {
		if len(c.parts) > 0 {
			clauses = append(clauses, c.verb+strings.Join(c.parts, ", "))
		}
	}
	all := strings.Join(clauses, " ")
	return &all
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func encodeKey(key table.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": text(key.PK), "sk": text(key.SK)}
}

func encodeItem(key table.Key, attrs table.Attrs) map[string]types.AttributeValue {
	row := make(map[string]types.AttributeValue, len(attrs)+2)
	row["pk"], row["sk"] = text(key.PK), text(key.SK)
	for name, value := range attrs {
		row[name] = encode(value)
	}
	return row
}

// encode takes what validation lets through.
func encode(value any) types.AttributeValue {
	switch v := value.(type) {
	case string:
		return text(v)
	case int64:
		return number(v)
	}
	b, _ := value.([]byte)
	return &types.AttributeValueMemberB{Value: append([]byte{}, b...)} // nil would be no value at all
}

// decode returns a row with everything in it. It has Attrs, if only empty
// ones.
func decode(name table.Name, row map[string]types.AttributeValue) (table.Item, error) {
	item := table.Item{Key: table.Key{Table: name}, Attrs: make(table.Attrs, len(row))}
	for attr, value := range row {
		v, err := decodeValue(value)
		if err != nil {
			return table.Item{}, fmt.Errorf("attribute %q of a row: %w", attr, err)
		}
		item.Attrs[attr] = v
	}
	item.PK, item.SK = item.Str("pk"), item.Str("sk")
	delete(item.Attrs, "pk")
	delete(item.Attrs, "sk")
	return item, nil
}

func decodeValue(value types.AttributeValue) (any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return v.Value, nil
	case *types.AttributeValueMemberN:
		return strconv.ParseInt(v.Value, 10, 64)
	case *types.AttributeValueMemberB:
		if v.Value == nil {
			return []byte{}, nil
		}
		return v.Value, nil
	}
	return nil, fmt.Errorf("is a %T, which griot does not write", value)
}
