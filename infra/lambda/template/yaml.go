package template

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// object is a mapping of the template; its intrinsic functions are in their
// long form, {"Ref": …} and {"Fn::Sub": …}.
type object = map[string]any

// standIn replaces the colons within words while the parser works: inside of
// braces it takes them for those of a mapping, also quoted ones.
const standIn = "\u2236"

func veiled(text []byte) []byte {
	var out []byte
	for i, c := range text {
		within := c == ':' && i > 0 && i+1 < len(text) &&
			!bytes.ContainsRune([]byte(`"'`), rune(text[i-1])) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(text[i+1]))
		if within {
			out = append(out, standIn...)
		} else {
			out = append(out, c)
		}
	}
	return out
}

func restored(s string) string { return strings.ReplaceAll(s, standIn, ":") }

func parseFile(file string) (object, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseBytes(veiled(data), 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(parsed.Docs) != 1 {
		return nil, fmt.Errorf("%s: want one YAML document, got %d", file, len(parsed.Docs))
	}
	v, err := value(parsed.Docs[0].Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	top, ok := v.(object)
	if !ok {
		return nil, fmt.Errorf("%s: the document is no mapping", file)
	}
	return top, nil
}

// value converts a node to string, bool, int64, float64, nil, []any or object.
func value(node ast.Node) (any, error) {
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return nil, nil
	case *ast.MappingNode:
		return mapping(n.Values)
	case *ast.MappingValueNode:
		return mapping([]*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		out := make([]any, 0, len(n.Values))
		for _, element := range n.Values {
			v, err := value(element)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case *ast.TagNode:
		return tagged(n)
	case *ast.LiteralNode:
		return restored(n.Value.Value), nil
	case ast.ScalarNode:
		return scalar(n), nil
	}
	return nil, fmt.Errorf("line %d: %s is not supported here", node.GetToken().Position.Line, node.Type())
}

func scalar(n ast.ScalarNode) any {
	switch v := n.GetValue().(type) {
	case uint64:
		return int64(v)
	case string:
		return restored(v)
	default:
		return v
	}
}

func mapping(values []*ast.MappingValueNode) (object, error) {
	out := object{}
	for _, pair := range values {
		v, err := value(pair.Value)
		if err != nil {
			return nil, err
		}
		key := restored(pair.Key.GetToken().Value)
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", pair.Key.GetToken().Position.Line, key)
		}
		out[key] = v
	}
	return out, nil
}

// tagged converts !Ref x to {"Ref": x} and !Sub x to {"Fn::Sub": x}.
func tagged(n *ast.TagNode) (any, error) {
	v, err := value(n.Value)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(n.Start.Value, "!")
	switch name {
	case "Ref", "Condition":
		return object{name: v}, nil
	case "GetAtt":
		if s, ok := v.(string); ok {
			resource, attribute, _ := strings.Cut(s, ".")
			v = []any{resource, attribute}
		}
	}
	return object{"Fn::" + name: v}, nil
}
