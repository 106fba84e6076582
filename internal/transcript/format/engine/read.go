package engine

import (
	"encoding/json"
	"strconv"
	"strings"

	"griot/internal/transcript/format/jsonwalk"
	"griot/internal/transcript/format/source"
)

// reader collects what a file has of a transcript in one walk over it.
type reader struct {
	*jsonwalk.Cursor
	*budget
	*contents
	byPath  map[string]*list
	stack   []piece          // words of the objects that are being read
	aliases map[string]alias // of keys as the file writes them
}

func newReader(src *source.Source, bytes int64, objects int) *reader {
	held := &budget{source: src, bytes: bytes, objects: objects, texts: map[string]string{}}
	return &reader{Cursor: jsonwalk.New(src), budget: held, contents: &contents{voices: newVoices(held), keys: map[string]bool{}},
		byPath: map[string]*list{}, aliases: map[string]alias{}}
}

// read walks over the file: an object or a list, or several in sequence.
func (r *reader) read() error {
	root := &scope{}
	for n := 0; ; n++ {
		t, ok, err := r.Next()
		switch {
		case err != nil:
			return err
		case !ok && n > 0:
			return nil
		case !ok:
			return r.FailAtEnd("is the last one, and there was no value")
		case t == jsonwalk.Object:
			err = r.container(root)
		case t == jsonwalk.Array:
			err = r.list(root, "")
		default:
			return r.Fail("should have an object or a list")
		}
		if err != nil {
			return err
		}
	}
}

// An entry is what one object says of a transcript.
type entry struct {
	scope   *scope
	element bool // of a list; its words are its own
	base    int  // where its words begin on the stack

	text              string
	textRank          int8
	isWord            bool // it calls its text a word
	voice             voice
	nameRank          int8
	labelRank         int8
	personRank        int8
	name, id          string // its own
	from, to, len     moment
	fromRank          int8
	toRank            int8
	lenRank           int8
	glue              glue
	members           int
	first             bool    // it has alternatives
	soundless         bool    // nobody says it
	message           bool    // of a chat
	slack             bool    // its time is named as Slack's
	samples           bool    // its times are named as Otter's
	again             bool    // its words come once more, or are a translation
	silence, sureness float64 // as Whisper judges itself
}

func (r *reader) begin(sc *scope, element bool) entry {
	return entry{scope: sc, element: element, base: len(r.stack)}
}

// A scope is a place in the file.
type scope struct {
	path  string
	track *track
}

// A track is one of several channels that a file has in sequence.
type track struct{ channel string }

// below is the scope of the value of a key. Numbered keys share one.
func (s *scope) below(key string) *scope {
	if _, ok := number(key); ok {
		return s
	}
	return &scope{s.path + "." + key[:min(len(key), maxKey)], s.track}
}

const (
	maxKey   = 64   // bytes of a key that can mean something
	maxLists = 1000 // paths that are told apart
)

// container reads an object that is no element of a list, except of a list of
// channels. It may be an utterance itself.
func (r *reader) container(sc *scope) error {
	e := r.begin(sc, false)
	defer func() { r.stack = r.stack[:e.base] }()
	if err := r.fields(&e); err != nil {
		return err
	}
	if sc.track != nil && e.voice.channel != "" {
		sc.track.channel = e.voice.channel
	}
	if e.textRank == 0 && !e.from.known() {
		return nil
	}
	if e.from.kind == dated && !e.voice.marked() { // when the file was made
		e.from = moment{}
	}
	if e.from.known() || e.voice.marked() {
		e.element = true
		return r.finish(r.open(&scope{path: sc.path}, ""), &e)
	}
	if e.textRank < strong || e.again {
		return nil
	}
	r.known = true
	l := r.open(sc, "whole text")
	l.whole = true
	return r.finish(l, &e)
}

// fields reads the members of an object whose beginning has been read.
func (r *reader) fields(e *entry) error {
	return r.Members(func(key string) error {
		e.members++
		return r.field(e, key, r.alias(key))
	})
}

// alias looks a key up as the file writes it.
func (r *reader) alias(key string) alias {
	a, ok := r.aliases[key]
	if !ok {
		a = aliases()[plain(key)]
		if signs()[key] {
			r.keys[key] = true
		}
		if len(r.aliases) < 4096 && len(key) <= maxKey {
			r.aliases[key] = a
		}
	}
	return a
}

func (r *reader) field(e *entry, key string, a alias) error {
	switch a.field {
	case aside:
		return r.Skip()
	case startField, endField, spanField, lengthField:
		return r.time(e, key, a)
	case peopleField:
		return r.readPeople(e.scope, key)
	case partsField, sentencesField:
		return r.parts(e, key)
	case firstField:
		return r.firstOf(e)
	}
	t, err := r.Token()
	if err != nil {
		return err
	}
	switch a.field {
	case textField:
		return r.textOf(e, key, a.rank, t)
	case nameField, labelField, personField:
		return r.who(e, a, t)
	case fromField:
		if m, ok := momentOf(t, 0); ok {
			e.setFrom(m, a.rank)
			return nil
		}
		return r.who(e, alias{field: nameField, rank: 1}, t)
	case channelField:
		return r.channel(e, t)
	case channelList:
		if t == jsonwalk.Array {
			return r.channels(e.scope, key)
		}
	case unknown:
		if !e.element && (plain(key) == "error" || plain(key) == "errorcode" || plain(key) == "errcode" || plain(key) == "errormessage") {
			r.trouble = r.trouble || t != nil && t != false
		}
	}
	s, _ := jsonwalk.Literal(t)
	switch a.field {
	case roleField:
		e.voice.role = s
	case ownName:
		e.name = s
	case ownID:
		e.id = s
	case typeField:
		e.setType(s)
		if signs()[s] {
			r.keys[s] = true
		}
	case subtypeField:
		e.soundless = e.soundless || s != "" && !saidSubtypes[s]
	case finalField:
		e.again = e.again || t == false
	case partialField:
		e.again = e.again || t == true
	case translated:
		e.again = e.again || s == "translation"
	case silenceField:
		e.silence, _ = strconv.ParseFloat(s, 64) // 0 if it is none
	case surenessField:
		e.sureness, _ = strconv.ParseFloat(s, 64)
	case attachesField:
		if s == "next" || s == "both" {
			e.glue |= opening
		}
	case languageField:
		if s != "" && !e.element && r.language == "" {
			r.language = s
		} else if s != "" && r.spokenLanguage == "" {
			r.spokenLanguage = s
		}
	}
	return r.nested(e.scope, key, t)
}

func (e *entry) setFrom(m moment, rank int8) {
	if m.known() && rank > e.fromRank {
		e.from, e.fromRank = m, rank
	}
}

func (e *entry) setTo(m moment, rank int8) {
	if m.known() && rank > e.toRank {
		e.to, e.toRank = m, rank
	}
}

// setType notes the type that an object states, where it matters.
func (e *entry) setType(s string) {
	switch strings.ToLower(s) {
	case "word", "pronunciation":
		e.isWord = true
	case "punctuation", "punct", "punc":
		e.isWord = true
		e.glue |= mark
	case "audio_event", "audioevent", "service", "system", "channel_join", "channel_leave":
		e.soundless = true
	case "message":
		e.message = true
	case "partial", "interim", "partialtranscript", "translation":
		e.again = true
	}
}

// saidSubtypes are those of Slack's subtypes that have somebody's words.
var saidSubtypes = map[string]bool{"bot_message": true, "me_message": true, "thread_broadcast": true, "file_share": true,
	"file_comment": true, "reply_broadcast": true}

// nested reads the rest of a value that begins with t and has no meaning of its own.
func (r *reader) nested(sc *scope, key string, t json.Token) error {
	switch t {
	case jsonwalk.Object:
		return r.container(sc.below(key))
	case jsonwalk.Array:
		return r.list(sc, key)
	}
	return nil
}

// firstOf reads alternatives, of which the first belongs to the object.
func (r *reader) firstOf(e *entry) error {
	t, err := r.Token()
	if err != nil {
		return err
	}
	e.first = true
	switch t {
	case jsonwalk.Object:
		return r.fields(e)
	case jsonwalk.Array:
		taken := false
		return r.Elements(func() error {
			t, err := r.Token()
			switch {
			case err != nil:
				return err
			case t == jsonwalk.Object && !taken:
				taken = true
				return r.fields(e)
			}
			return r.SkipRest(t)
		})
	}
	return nil
}

// list reads a list whose beginning has been read.
func (r *reader) list(sc *scope, key string) error {
	if err := r.count(); err != nil {
		return err
	}
	l := r.open(sc, key)
	below, n := sc.below(key), 0
	err := r.Elements(func() error {
		n++
		t, err := r.Token()
		if err != nil {
			return err
		}
		return r.listElement(l, below, t)
	})
	r.known = r.known || n == 0 && l.named()
	return err
}

func (r *reader) listElement(l *list, sc *scope, t json.Token) error {
	e := r.begin(sc, true)
	switch v := t.(type) {
	case string:
		if l.rank < sentences || l.rank == anything || l.path == "" {
			return nil
		}
		e.text, e.textRank = v, strong
		if err := r.hold(len(v)); err != nil {
			return err
		}
	case json.Delim:
		if v == jsonwalk.Array {
			return r.Elements(func() error {
				t, err := r.Token()
				if err != nil {
					return err
				}
				return r.listElement(l, sc, t)
			})
		}
		if err := r.fields(&e); err != nil {
			return err
		}
	default:
		return nil
	}
	if err := r.count(); err != nil {
		return err
	}
	return r.finish(l, &e)
}

// open returns the list of a path, in which it begins a new group.
func (r *reader) open(sc *scope, key string) *list {
	path := sc.path
	if key != "" {
		path = sc.below(key).path
	}
	if len(r.lists) >= maxLists && r.byPath[path] == nil {
		path = ".…"
	}
	l := r.byPath[path]
	if l == nil {
		name := plain(path[strings.LastIndexByte(path, '.')+1:])
		l = &list{path: path, rank: listRanks()[name], whole: wholes()[name]}
		r.byPath[path] = l
		r.lists = append(r.lists, l)
	}
	l.groups = append(l.groups, group{len(l.pieces), sc.track})
	return l
}

// channel reads the number or name of a channel, or what was said on it.
func (r *reader) channel(e *entry, t json.Token) error {
	switch t {
	case jsonwalk.Object:
		return r.fields(e)
	case jsonwalk.Array: // the channel, and how many there are
		first := true
		return r.Elements(func() error {
			t, err := r.Token()
			if s, ok := jsonwalk.Literal(t); ok && first {
				e.voice.channel = s
			}
			first = false
			if err != nil {
				return err
			}
			return r.SkipRest(t)
		})
	}
	if s, ok := jsonwalk.Literal(t); ok {
		e.voice.channel = s
	}
	return nil
}

// channels reads a list that has what was said by channels, also where there is
// only one.
func (r *reader) channels(sc *scope, key string) error {
	n := 0
	return r.Elements(func() error {
		if err := r.count(); err != nil {
			return err
		}
		t, err := r.Token()
		if err != nil {
			return err
		}
		if t != jsonwalk.Object {
			return r.SkipRest(t)
		}
		below := sc.below(key)
		below.track = &track{channel: strconv.Itoa(n)}
		n++
		return r.container(below)
	})
}

// time reads a member that is a time, or a length.
func (r *reader) time(e *entry, key string, a alias) error {
	from, to, err := r.moments(e, key, a.unit)
	if err != nil {
		return err
	}
	switch a.field {
	case lengthField:
		if a.rank >= e.lenRank && from.known() {
			e.len, e.lenRank = from, a.rank
			if !e.element && !r.length.known() {
				r.length = from
			}
		}
	case endField:
		e.setTo(from, a.rank)
	default:
		e.setFrom(from, a.rank)
		e.setTo(to, a.rank)
		e.slack = e.slack || key == "ts"
	}
	e.samples = e.samples || key == "start_offset"
	return nil
}

// moments reads a time, or the first and the last of a list or an object with two.
// unit is that of numbers in milliseconds, 0 while it is not known.
func (r *reader) moments(e *entry, key string, unit float64) (from, to moment, err error) {
	t, err := r.Token()
	if err != nil {
		return from, to, err
	}
	switch t {
	case jsonwalk.Array:
		return r.momentList(e, unit)
	case jsonwalk.Object:
		return r.momentObject(e, key, unit)
	}
	from, ok := momentOf(t, unit)
	if !ok {
		r.spoiled()
	}
	return from, moment{}, nil
}

// momentList reads the first and the last of a list of times. Watson has words
// with their times there.
func (r *reader) momentList(e *entry, unit float64) (from, to moment, err error) {
	first := true
	err = r.Elements(func() error {
		t, err := r.Token()
		if err != nil {
			return err
		}
		if t == jsonwalk.Array {
			return r.part(e, t)
		}
		m, ok := momentOf(t, unit)
		switch {
		case !ok:
			r.spoiled()
			return r.SkipRest(t)
		case first:
			from, first = m, false
		default:
			to = m
		}
		return nil
	})
	return from, to, err
}

// momentObject reads {from, to}, {relative, absolute} and {seconds, nanos}.
// NeMo has lists of words and segments there.
func (r *reader) momentObject(e *entry, key string, unit float64) (from, to moment, err error) {
	absolute := moment{}
	err = r.Members(func(name string) error {
		var into *moment
		var add moment
		scale := unit
		switch plain(name) {
		case "from", "start", "relative", "begin", "starttime":
			into = &from
		case "to", "end", "endtime", "stop":
			into = &to
		case "absolute":
			into = &absolute
		case "seconds", "nanos":
			into, scale = &add, seconds
			if name == "nanos" {
				scale = 1e-6
			}
		default:
			t, err := r.Token()
			if err != nil {
				return err
			}
			return r.nested(e.scope.below(key), name, t)
		}
		m, _, err := r.moments(e, name, scale)
		*into = m
		if add.kind == offset {
			from = moment{from.at + add.at, offset}
		}
		return err
	})
	if from.kind == none {
		from = absolute
	}
	return from, to, err
}

// spoiled counts a time that cannot be read.
func (r *reader) spoiled() {
	if r.spoiltTimes++; r.spoiltTimes == 1 {
		r.spoiltLine = r.Line()
	}
}

// textOf reads words: a string, or rich text as a list of strings and objects.
func (r *reader) textOf(e *entry, key string, rank int8, t json.Token) error {
	switch {
	case t == jsonwalk.Array && (!e.element || rank > strong || !richKeys[plain(key)]):
		return r.list(e.scope, key)
	case t == jsonwalk.Object && !e.element:
		return r.container(e.scope.below(key))
	case t == jsonwalk.Object:
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

// richKeys are those whose text may be rich.
var richKeys = map[string]bool{"text": true, "content": true, "body": true, "message": true, "value": true}

func (r *reader) richText(e *entry, t json.Token) (string, error) {
	if t != jsonwalk.Array {
		s, _ := jsonwalk.Literal(t)
		return s, nil
	}
	var b strings.Builder
	err := r.Elements(func() error {
		t, err := r.Token()
		if err != nil {
			return err
		}
		part := r.begin(e.scope.below("text"), true)
		if t == jsonwalk.Object {
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

// parts reads the words of an object; where they are not those of an element, they
// are a list of their own.
func (r *reader) parts(e *entry, key string) error {
	t, err := r.Token()
	if err != nil {
		return err
	}
	if t != jsonwalk.Array {
		if s, ok := t.(string); ok && s != "" { // Read.ai
			return r.textOf(e, key, weak+1, t)
		}
		return r.nested(e.scope, key, t)
	}
	if !e.element {
		return r.list(e.scope, key)
	}
	return r.Elements(func() error {
		t, err := r.Token()
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
	case jsonwalk.Object:
		if err := r.fields(&w); err != nil {
			return err
		}
	case jsonwalk.Array:
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
	return r.Elements(func() error {
		t, err := r.Token()
		if err != nil {
			return err
		}
		if s, ok := t.(string); ok && e.text == "" {
			e.text = s
			return r.hold(len(s))
		}
		m, ok := momentOf(t, 0)
		if !ok || !m.known() {
			return r.SkipRest(t)
		}
		if numbers++; numbers == 1 {
			e.from = m
		} else if numbers == 2 {
			e.to = m
		}
		return nil
	})
}

// who reads who speaks.
func (r *reader) who(e *entry, a alias, t json.Token) error {
	v, err := r.someone(e.scope, t)
	if err != nil {
		return err
	}
	if v.name != "" && e.nameRank <= a.rank {
		e.voice.name, e.nameRank = v.name, a.rank
	}
	if v.person != "" && e.personRank <= a.rank {
		e.voice.person, e.personRank = v.person, a.rank
	}
	if v.role != "" && e.voice.role == "" {
		e.voice.role = v.role
	}
	if v.label == "" {
		return nil
	}
	switch a.field {
	case nameField:
		if a.rank > e.nameRank {
			e.voice.name, e.nameRank = v.label, a.rank
		}
	case labelField:
		if a.rank > e.labelRank {
			e.voice.label, e.labelRank = v.label, a.rank
		}
	case personField:
		if a.rank > e.personRank {
			e.voice.person, e.personRank = v.label, a.rank
		}
	}
	return nil
}

// someone reads a value that says who speaks and begins with t: a name, a
// number, or an object with a name or an id.
func (r *reader) someone(sc *scope, t any) (who voice, err error) {
	if s, ok := jsonwalk.Literal(t); ok {
		return voice{label: strings.TrimSpace(s)}, nil
	}
	if t != jsonwalk.Object {
		return voice{}, r.SkipRest(t)
	}
	e := r.begin(sc.below("who"), true)
	if err := r.fields(&e); err != nil {
		return voice{}, err
	}
	r.stack = r.stack[:e.base]
	who = e.voice
	if who.name == "" {
		who.name = e.name
	}
	if who.person == "" {
		who.person = e.id
	}
	return who, r.voices.identify(who.person, who.name)
}

// readPeople reads who is there: a list of names, of objects with ids and names,
// or an object that has the names by their ids.
func (r *reader) readPeople(sc *scope, key string) error {
	t, err := r.Token()
	if err != nil {
		return err
	}
	switch t {
	case jsonwalk.Object:
		return r.Members(func(id string) error {
			t, err := r.Token()
			if err != nil {
				return err
			}
			if name, ok := t.(string); ok {
				return r.voices.identify(id, name)
			}
			who, err := r.someone(sc, t)
			if err != nil {
				return err
			}
			return r.voices.identify(id, who.name)
		})
	case jsonwalk.Array:
		l := r.open(sc, key)
		return r.Elements(func() error {
			if err := r.count(); err != nil {
				return err
			}
			t, err := r.Token()
			if err != nil {
				return err
			}
			if name, ok := t.(string); ok {
				r.voices.listed = append(r.voices.listed, name)
				return r.hold(len(name))
			}
			if t != jsonwalk.Object {
				return r.SkipRest(t)
			}
			e := r.begin(sc.below(key), true)
			if err := r.fields(&e); err != nil {
				return err
			}
			if err := r.introduce(&e); err != nil {
				return err
			}
			return r.finish(l, &e)
		})
	}
	return r.SkipRest(t)
}

// introduce notes the name of a person whom an object describes, by all of their
// ids.
func (r *reader) introduce(e *entry) error {
	name := e.voice.name
	for _, other := range [...]string{e.name, e.voice.role, e.voice.label} {
		if name == "" {
			name = other
		}
	}
	for _, id := range [...]string{e.voice.person, e.voice.label, e.id, e.name} {
		if err := r.voices.identify(id, name); err != nil {
			return err
		}
	}
	return nil
}

// budget bounds the memory that a file takes.
type budget struct {
	source  *source.Source
	bytes   int64             // that may still be held
	objects int               // that may still be held
	texts   map[string]string // one copy of each short text
}

// hold charges for bytes that are kept.
func (b *budget) hold(bytes int) error {
	if b.bytes -= int64(bytes); b.bytes < 0 {
		return b.source.TooLarge()
	}
	return nil
}

// count charges for an object that is kept.
func (b *budget) count() error {
	if b.objects--; b.objects < 0 {
		return b.source.TooLarge()
	}
	return nil
}

// shortText is how long a text is at most of which one copy is kept: words come
// again and again.
const shortText, keptTexts = 24, 1 << 15

// keep returns the copy of a text that is kept.
func (b *budget) keep(s string) string {
	if len(s) > shortText {
		return s
	}
	if k, ok := b.texts[s]; ok {
		return k
	}
	s = strings.Clone(s)
	if len(b.texts) < keptTexts {
		b.texts[s] = s
	}
	return s
}
