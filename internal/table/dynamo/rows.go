package dynamo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"griot/internal/table"
)

// rows are the rows of an answer. They are taken out of it before the SDK decodes
// the rest, which would make maps of all values first and its own types of
// those: a row would take four times as long, and many reads take hundreds.
//
// What is not as DynamoDB writes it stays in the answer, and is for the SDK to
// judge.
type rows struct {
	of    func(name string) table.Name // what a table in the answer is to us; "" is that of a query
	items []table.Item
}

// take is for the options of a request.
func (r *rows) take(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Deserialize.Insert(middleware.DeserializeMiddlewareFunc("Rows", r.handle), "OperationDeserializer", middleware.After)
	})
}

func (r *rows) handle(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	r.items = nil // of an attempt before
	out, metadata, err := next.HandleDeserialize(ctx, in)
	response, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok || response.StatusCode != 200 {
		return out, metadata, err
	}
	var body bytes.Buffer
	body.Grow(int(max(response.ContentLength, 0)) + bytes.MinRead)
	_, err = body.ReadFrom(response.Body)
	// The SDK's reader compares a checksum when it is closed, with 0 if there is none.
	if wrong := response.Body.Close(); err == nil && response.Header.Get("X-Amz-Crc32") != "" {
		err = wrong
	}
	if err != nil {
		return out, metadata, &smithy.DeserializationError{Err: fmt.Errorf("reading an answer: %w", err)}
	}
	rest := body.Bytes()
	if items, other, err := takeRows(rest, r.of); err == nil {
		r.items, rest = items, other
	}
	response.Body = io.NopCloser(bytes.NewReader(rest))
	return out, metadata, nil
}

// add adds rows that were left in the answer.
func (r *rows) add(name table.Name, left []map[string]types.AttributeValue) error {
	for _, row := range left {
		item, err := decode(name, row)
		if err != nil {
			return err
		}
		r.items = append(r.items, item)
	}
	return nil
}

// takeRows returns the rows of an answer to Query (its Items) or to BatchGetItem
// (its Responses, by table), and the answer without them.
func takeRows(answer []byte, of func(string) table.Name) (items []table.Item, rest []byte, err error) {
	p := parser{data: answer, names: map[string]string{}}
	cut := 0
	p.object(func(name []byte) {
		switch string(name) {
		case "Items":
			rest = append(append(rest, answer[cut:p.at]...), "[]"...)
			items = p.rows(items, of(""))
		case "Responses":
			rest = append(append(rest, answer[cut:p.at]...), "{}"...)
			p.object(func(name []byte) { items = p.rows(items, of(string(name))) })
		default:
			p.skip()
			return
		}
		cut = p.at
	})
	p.space()
	if p.bad || p.at < len(answer) {
		return nil, nil, errNoRows
	}
	return items, append(rest, answer[cut:]...), nil
}

// errNoRows is an answer that parser does not understand.
var errNoRows = errors.New("dynamo: an answer is not as DynamoDB writes it")

// parser goes through JSON once, from its front. After a failure it is at the
// end, and all that it returns is zero.
type parser struct {
	data  []byte
	at    int
	bad   bool
	names map[string]string // of attributes: each is allocated once
	pk    string            // the last partition key
}

func (p *parser) fail() { p.at, p.bad = len(p.data), true }

func (p *parser) space() {
	for p.at < len(p.data) && (p.data[p.at] == ' ' || p.data[p.at] == '\n' || p.data[p.at] == '\r' || p.data[p.at] == '\t') {
		p.at++
	}
}

// next returns the byte at which the next token begins, 0 at the end.
func (p *parser) next() byte {
	if p.space(); p.at < len(p.data) {
		return p.data[p.at]
	}
	return 0
}

// is goes on behind a byte if it is the next one.
func (p *parser) is(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) must(c byte) {
	if !p.is(c) {
		p.fail()
	}
}

// object calls member with the name of each member, at its value.
func (p *parser) object(member func(name []byte)) {
	p.list('{', '}', func() {
		name := p.text()
		p.must(':')
		p.space()
		if !p.bad {
			member(name)
		}
	})
}

// list calls element at each element of what stands between two brackets.
func (p *parser) list(open, end byte, element func()) {
	p.must(open)
	if p.is(end) {
		return
	}
	for !p.bad {
		if element(); p.is(end) {
			return
		}
		p.must(',')
	}
}

// text returns a string. It is part of the data where that has it as it is.
func (p *parser) text() []byte {
	if p.must('"'); p.bad {
		return nil
	}
	from, plain := p.at, true
	for ; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			return p.unquoted(from, plain)
		case c == '\\':
			plain = false
			p.at++
		case c < ' ':
			plain = false // no JSON; the decoder says so
		}
	}
	p.fail()
	return nil
}

// unquoted returns the string whose text begins at from and ends before the
// quote at which the parser has just been.
func (p *parser) unquoted(from int, plain bool) []byte {
	raw := p.data[from : p.at-1]
	if plain && utf8.Valid(raw) {
		return raw
	}
	var s string
	if json.Unmarshal(p.data[from-1:p.at], &s) != nil {
		p.fail()
	}
	return []byte(s)
}

// rows appends an array of rows to items.
func (p *parser) rows(items []table.Item, name table.Name) []table.Item {
	p.list('[', ']', func() {
		if item := p.row(name); !p.bad {
			items = append(items, item)
		}
	})
	return items
}

func (p *parser) row(name table.Name) table.Item {
	item := table.Item{Key: table.Key{Table: name}, Attrs: table.Attrs{}}
	p.object(func(raw []byte) {
		attr, known := p.names[string(raw)]
		if !known {
			attr = string(raw)
			p.names[attr] = attr
		}
		switch value := p.typed(attr == "pk"); attr {
		case "pk":
			item.PK, _ = value.(string)
		case "sk":
			item.SK, _ = value.(string)
		default:
			item.Attrs[attr] = value
		}
	})
	return item
}

// typed returns a value that stands in an object under its type. Of a partition
// key there is one string for all rows that follow each other and have it.
func (p *parser) typed(partition bool) (value any) {
	p.object(func(kind []byte) {
		switch raw := p.text(); {
		case value != nil:
			p.fail() // two types
		case partition && string(raw) == p.pk:
			value = p.pk
		default:
			value = p.value(string(kind), raw)
		}
	})
	if value == nil {
		p.fail()
	}
	if partition {
		p.pk, _ = value.(string)
	}
	return value
}

// value returns an attribute's, of the types that the port has.
func (p *parser) value(kind string, raw []byte) any {
	switch kind {
	case "S":
		return string(raw)
	case "N":
		if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			return n
		}
	case "B":
		b := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
		if n, err := base64.StdEncoding.Decode(b, raw); err == nil {
			return b[:n:n]
		}
	}
	p.fail()
	return nil
}

// skip goes on behind a value, whatever it is.
func (p *parser) skip() {
	decoder, value := json.NewDecoder(bytes.NewReader(p.data[p.at:])), json.RawMessage{}
	if decoder.Decode(&value) != nil {
		p.fail()
		return
	}
	p.at += int(decoder.InputOffset())
}
