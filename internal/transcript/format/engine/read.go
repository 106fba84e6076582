package engine

import (
	"encoding/json"
	"strconv"
	"strings"
)

// reader takes from a file what it has of a transcript.
type reader struct {
	*cursor
	left int64 // bytes that may still be held
	room int   // objects that may still be held

	lists   []*list
	byPath  map[string]*list
	stack   []piece // words of the objects that are being read
	known   bool    // something was where words are
	trouble bool    // the file reports an error

	voices      []knownVoice
	voiceIDs    map[voice]int32
	lastVoice   int32
	channelIDs  map[string]int32
	people      map[string]string // names by ids
	listed      []string          // names without ids
	firstListed int               // the number of the first of them

	aliases map[string]alias  // of keys as the file writes them
	texts   map[string]string // one copy of each short text
	keys    map[string]bool   // that were seen, of those that tell exports apart

	language, spokenLanguage string
	length                   moment

	spoiltTimes, spoiltLine int
	turned                  int
	startsFilled, dated     bool
}

func newReader(c *cursor, left int64, room int) *reader {
	return &reader{cursor: c, left: left, room: room, byPath: map[string]*list{}, voices: make([]knownVoice, 1),
		voiceIDs: map[voice]int32{{}: 0}, channelIDs: map[string]int32{"": 0}, people: map[string]string{},
		aliases: map[string]alias{}, texts: map[string]string{}, keys: map[string]bool{}}
}

// read walks over the file: an object or a list, or several one after the
// other.
func (r *reader) read() error {
	root := &scope{}
	for n := 0; ; n++ {
		t, ok, err := r.next()
		switch {
		case err != nil:
			return err
		case !ok && n > 0:
			return nil
		case !ok:
			return r.in.source.Fail(1+r.in.lines, "is the last one, and there was no value")
		case t == delimObject:
			err = r.container(root)
		case t == delimArray:
			err = r.list(root, "")
		default:
			return r.fail("should have an object or a list")
		}
		if err != nil {
			return err
		}
	}
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

func (r *reader) begin(sc *scope, element bool) entry {
	return entry{scope: sc, element: element, base: len(r.stack)}
}

// container reads an object that is no element of a list, but for those of
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

func (m moment) known() bool { return m.kind != none }

// fields reads the members of an object that has been opened.
func (r *reader) fields(e *entry) error {
	return r.members(func(key string) error {
		e.members++
		return r.field(e, key, r.alias(key))
	})
}

func (r *reader) field(e *entry, key string, a alias) error {
	switch a.field {
	case aside:
		return r.skip()
	case startField, endField, spanField, lengthField:
		return r.time(e, key, a)
	case peopleField:
		return r.readPeople(e.scope, key)
	case partsField, sentencesField:
		return r.parts(e, key)
	case firstField:
		return r.firstOf(e)
	}
	t, err := r.token()
	if err != nil {
		return err
	}
	switch a.field {
	case textField:
		return r.textOf(e, key, a.rank, t)
	case nameField, labelField, personField:
		return r.who(e, a, t)
	case fromField:
		if m, ok := read(t, 0); ok {
			e.setFrom(m, a.rank)
			return nil
		}
		return r.who(e, alias{field: nameField, rank: 1}, t)
	case channelField:
		return r.channel(e, t)
	case channelList:
		if t == delimArray {
			return r.channels(e.scope, key)
		}
	case unknown:
		if !e.element && (plain(key) == "error" || plain(key) == "errorcode" || plain(key) == "errcode" || plain(key) == "errormessage") {
			r.trouble = r.trouble || t != nil && t != false
		}
	}
	s, _ := literal(t)
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

// nested reads what is left of a value that says nothing itself.
func (r *reader) nested(sc *scope, key string, t json.Token) error {
	switch t {
	case delimObject:
		return r.container(sc.below(key))
	case delimArray:
		return r.list(sc, key)
	}
	return nil
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

// setType says what kind of thing an object is, where that matters.
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

// firstOf reads alternatives, the first of which belongs to the object.
func (r *reader) firstOf(e *entry) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	e.first = true
	switch t {
	case delimObject:
		return r.fields(e)
	case delimArray:
		taken := false
		return r.elements(func() error {
			t, err := r.token()
			switch {
			case err != nil:
				return err
			case t == delimObject && !taken:
				taken = true
				return r.fields(e)
			}
			return r.skipRest(t)
		})
	}
	return nil
}

// list reads a list that has been opened.
func (r *reader) list(sc *scope, key string) error {
	if err := r.count(); err != nil {
		return err
	}
	l := r.open(sc, key)
	below, n := sc.below(key), 0
	err := r.elements(func() error {
		n++
		t, err := r.token()
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
		if v == delimArray {
			return r.elements(func() error {
				t, err := r.token()
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

// open gives the list of a path, and begins another group of it.
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

// hold takes note of bytes that are held.
func (r *reader) hold(bytes int) error {
	if r.left -= int64(bytes); r.left < 0 {
		return r.in.source.TooLarge()
	}
	return nil
}

// count takes note of an object that is held.
func (r *reader) count() error {
	if r.room--; r.room < 0 {
		return r.in.source.TooLarge()
	}
	return nil
}

// spoiled takes note of a time that cannot be read.
func (r *reader) spoiled() {
	if r.spoiltTimes++; r.spoiltTimes == 1 {
		r.spoiltLine = r.line()
	}
}

// shortText is how long a text is at most of which one copy is kept: words come
// again and again.
const shortText, keptTexts = 24, 1 << 15

func (r *reader) keep(s string) string {
	if len(s) > shortText {
		return s
	}
	if k, ok := r.texts[s]; ok {
		return k
	}
	s = strings.Clone(s)
	if len(r.texts) < keptTexts {
		r.texts[s] = s
	}
	return s
}
