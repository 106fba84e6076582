package engine

import (
	"encoding/json"
	"strings"

	"griot/internal/transcript/format/turn"
)

// textOf reads words: a string, or a list of strings and objects that a chat
// has set in different ways.
func (r *reader) textOf(e *entry, key string, rank int8, t json.Token) error {
	switch {
	case t == delimArray && (!e.element || rank > strong || !richKeys[plain(key)]):
		return r.list(e.scope, key)
	case t == delimObject && !e.element:
		return r.container(e.scope.below(key))
	case t == delimObject:
		return r.fields(e)
	}
	s, err := r.richText(e, t)
	if err != nil || rank <= e.textRank && e.text != "" {
		return err
	}
	e.text, e.textRank = s, rank
	if k := plain(key); k == "word" || k == "punctuatedword" || k == "token" {
		e.isWord = true
	}
	e.again = e.again || s == "<end>" || s == "<fin>" // Soniox ends a turn
	return r.hold(len(s))
}

// richKeys may have a list of strings and objects for one text.
var richKeys = map[string]bool{"text": true, "content": true, "body": true, "message": true, "value": true}

func (r *reader) richText(e *entry, t json.Token) (string, error) {
	if t != delimArray {
		s, _ := literal(t)
		return s, nil
	}
	var b strings.Builder
	err := r.elements(func() error {
		t, err := r.token()
		if err != nil {
			return err
		}
		part := r.begin(e.scope.below("text"), true)
		if t == delimObject {
			err = r.fields(&part)
			r.stack = r.stack[:part.base]
		} else {
			part.text, err = r.richText(e, t)
		}
		b.WriteString(part.text)
		return err
	})
	return b.String(), err
}

// parts reads the words of an object. Those of a file stand for themselves.
func (r *reader) parts(e *entry, key string) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	if t != delimArray {
		if s, ok := t.(string); ok && s != "" { // Read.ai
			return r.textOf(e, key, weak+1, t)
		}
		return r.nested(e.scope, key, t)
	}
	if !e.element {
		return r.list(e.scope, key)
	}
	return r.elements(func() error {
		t, err := r.token()
		if err != nil {
			return err
		}
		return r.part(e, t)
	})
}

// part puts one word on the stack.
func (r *reader) part(e *entry, t json.Token) error {
	w := r.begin(e.scope, true)
	switch t {
	case delimObject:
		if err := r.fields(&w); err != nil {
			return err
		}
	case delimArray:
		if err := r.tuple(&w); err != nil {
			return err
		}
	default:
		if w.text, _ = t.(string); w.text == "" {
			return nil // Whisper's tokens are numbers
		}
		if err := r.hold(len(w.text)); err != nil {
			return err
		}
	}
	if err := r.count(); err != nil {
		return err
	}
	p, err := r.pieceOf(&w)
	r.stack = r.stack[:w.base]
	if err != nil || w.again || w.soundless {
		return err
	}
	if isSpace(p.text) {
		if len(r.stack) > e.base {
			r.stack[len(r.stack)-1].glue |= spaceNext
		}
		return nil
	}
	r.stack = append(r.stack, p)
	return nil
}

// tuple reads a word as Watson writes it: [word, from, to].
func (r *reader) tuple(e *entry) error {
	numbers := 0
	return r.elements(func() error {
		t, err := r.token()
		if err != nil {
			return err
		}
		if s, ok := t.(string); ok && e.text == "" {
			e.text = s
			return r.hold(len(s))
		}
		m, ok := read(t, 0)
		if !ok || !m.known() {
			return r.skipRest(t)
		}
		if numbers++; numbers == 1 {
			e.from = m
		} else if numbers == 2 {
			e.to = m
		}
		return nil
	})
}

func isSpace(s string) bool { return s != "" && turn.IsBlank(s) }
