package engine

import (
	"strings"

	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// finish puts an object that was read into its list.
func (r *reader) finish(l *list, e *entry) error {
	defer func() { r.stack = r.stack[:e.base] }()
	if err := r.voices.identify(e.voice.person, e.voice.name); err != nil || e.again {
		return err
	}
	parts := r.stack[e.base:]
	if e.soundless || e.unheard() || label.IsBlankAudio(strings.TrimSpace(e.text)) {
		l.passed++
		return nil
	}
	if e.voice.name == "" && !e.voice.marked() && e.name != "" && e.textRank > 0 {
		e.voice.name = e.name
	}
	r.note(l, e)
	if turn.IsBlank(e.text) && len(parts) == 0 {
		return r.blank(l, e)
	}
	if e.first && r.repeats(l, e, parts) {
		return nil
	}
	if turn.IsBlank(e.text) && r.promote(e, parts) {
		return nil
	}
	if r.voices.distinct(parts) > 1 {
		return r.cut(l, e, parts)
	}
	p, err := r.pieceOf(e)
	if err != nil {
		return err
	}
	if len(parts) > 0 && isLong(p) && r.byWhisper() {
		for _, s := range sentencesOf(p, parts) {
			l.add(s)
		}
		return nil
	}
	l.add(p)
	return nil
}

// note records what an object shows about its list.
func (r *reader) note(l *list, e *entry) {
	if e.isWord {
		l.words++
	}
	if e.message {
		l.messages++
	}
	l.slack = l.slack || e.slack && e.voice.person != ""
	l.samples = l.samples || e.samples
	says := e.voice != voice{} || e.from.known() || e.to.known()
	l.spoken = l.spoken || says
	l.strong = l.strong || e.textRank >= strong
	r.known = r.known || e.textRank >= strong || says && (e.textRank > 0 || l.named())
	if e.members <= 4 && !e.to.known() && !e.voice.marked() && e.from.known() && e.len.known() && e.textRank == strong {
		l.three++
	}
}

// blank adds what an object without words says: a space, or who speaks when.
func (r *reader) blank(l *list, e *entry) error {
	if e.text != "" && len(l.pieces) > 0 {
		l.pieces[len(l.pieces)-1].glue |= spaceNext
		return nil
	}
	if !e.voice.marked() || !e.from.known() || e.textRank > 0 {
		return nil
	}
	p, err := r.pieceOf(e)
	if err == nil {
		l.pieces = append(l.pieces, p)
	}
	return err
}

// pieceOf makes one piece of an object, with the text and the times of its words
// where it has none of its own.
func (r *reader) pieceOf(e *entry) (piece, error) {
	parts := r.stack[e.base:]
	text := e.text
	if text == "" && len(parts) > 0 {
		text = joined(parts)
		if err := r.hold(len(text)); err != nil {
			return piece{}, err
		}
	}
	who := e.voice
	for _, p := range parts {
		if v := r.voices.known[p.voice].voice; v.marked() && !who.marked() {
			if v.channel == "" {
				v.channel = who.channel
			}
			who = v
		}
	}
	id, err := r.voices.number(who)
	p := piece{voice: id, glue: e.glue}
	p.setTimes(e)
	p.cover(parts)
	if isSpace(text) {
		p.text = " "
		return p, err
	}
	trimmed := strings.TrimSpace(text)
	if trimmed != text && text != "" {
		if strings.TrimLeft(text[:1], " \t\n") == "" || !strings.HasPrefix(text, trimmed) {
			p.glue |= spaced
		}
		if !strings.HasSuffix(text, trimmed) {
			p.glue |= spaceNext
		}
	}
	if isMarkText(trimmed) {
		p.glue |= mark
	}
	p.text = r.keep(trimmed)
	return p, err
}

func (p *piece) setTimes(e *entry) {
	to := e.to
	if !to.known() {
		to = e.from.plus(e.len)
	}
	p.from, p.fromKind = e.from.at, e.from.kind
	p.to, p.toKind = to.at, to.kind
}

// cover takes missing times from the first and the last words that have one.
func (p *piece) cover(words []piece) {
	for _, w := range words {
		if p.fromKind != none {
			break
		}
		p.from, p.fromKind = w.from, w.fromKind
	}
	for i := len(words) - 1; i >= 0 && p.toKind == none; i-- {
		p.to, p.toKind = words[i].to, words[i].toKind
	}
}

// cut makes a piece of each run of words of one voice. Words without a voice belong
// to the run before them, the first ones to the run behind.
func (r *reader) cut(l *list, e *entry, parts []piece) error {
	spell(e.text, parts)
	whole := piece{}
	whole.setTimes(e)
	start, current := 0, int32(0)
	for i := 0; i <= len(parts); i++ {
		if i < len(parts) {
			v := parts[i].voice
			if v == 0 || v == current || !r.voices.known[v].marked() {
				continue
			}
			if current == 0 {
				current = v
				continue
			}
		}
		run := parts[start:i]
		who := r.voices.known[current].voice
		if who.channel == "" {
			who.channel = e.voice.channel
		}
		id, err := r.voices.number(who)
		if err != nil {
			return err
		}
		p := piece{text: joined(run), voice: id}
		if start == 0 {
			p.from, p.fromKind = whole.from, whole.fromKind
		}
		if i == len(parts) {
			p.to, p.toKind = whole.to, whole.toKind
		}
		p.cover(run)
		if err := r.hold(len(p.text)); err != nil {
			return err
		}
		l.add(p)
		if i < len(parts) {
			start, current = i, parts[i].voice
		}
	}
	return nil
}

// promote makes utterances of the sentences of an object that is a whole
// conversation, such as one meeting of several.
func (r *reader) promote(e *entry, parts []piece) bool {
	if e.voice.marked() || e.from.known() || r.voices.distinct(parts) < 2 || !areSentences(parts) {
		return false
	}
	to := r.open(e.scope, "sentences")
	to.spoken = true
	to.pieces = append(to.pieces, parts...)
	return true
}

// repeats recognises the last result of Google's, which has all words of the file
// again, now with speakers. They replace what came before.
func (r *reader) repeats(l *list, e *entry, parts []piece) bool {
	if r.voices.distinct(parts) == 0 || !e.element {
		return false
	}
	if !turn.IsBlank(e.text) {
		if len(l.pieces) == 0 {
			return false
		}
		if first := l.pieces[0]; parts[0].fromKind != first.fromKind && parts[0].fromKind != first.toKind ||
			first.fromKind != none && parts[0].from > first.from || first.fromKind == none && parts[0].from >= first.to {
			return false
		}
	}
	l.pieces, l.groups = nil, []group{{}}
	words := r.open(e.scope, "words")
	words.spoken = true
	words.pieces = append(words.pieces[:0], parts...)
	words.groups = []group{{}}
	return true
}
