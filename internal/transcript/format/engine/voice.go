package engine

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A voice is whom a file has speaking. Engines count speakers anew on every
// channel, so who says something is a channel and a mark on it.
type voice struct {
	channel string
	name    string // as people write it
	label   string // a name, or a mark of the engine's
	person  string // an id, whose name may stand elsewhere
	role    string
}

// A known voice is one of a file, by its number; 0 is nobody.
type knownVoice struct {
	voice
	channelID int32 // the number of its channel
}

// voiceOf gives a voice its number.
func (r *reader) voiceOf(v voice) (int32, error) {
	if r.voices[r.lastVoice].voice == v {
		return r.lastVoice, nil
	}
	if id, ok := r.voiceIDs[v]; ok {
		r.lastVoice = id
		return id, nil
	}
	if err := r.hold(voiceSize + len(v.channel) + len(v.name) + len(v.label) + len(v.person) + len(v.role)); err != nil {
		return 0, err
	}
	channel, ok := r.channelIDs[v.channel]
	if !ok {
		channel = int32(len(r.channelIDs))
		r.channelIDs[v.channel] = channel
	}
	id := int32(len(r.voices))
	r.voices = append(r.voices, knownVoice{v, channel})
	r.voiceIDs[v] = id
	return id, nil
}

// voiceSize is about what a voice takes besides its names, in bytes.
const voiceSize = 200

// marked is true where a voice says who speaks, apart from a channel.
func (v voice) marked() bool { return v.name != "" || v.label != "" || v.person != "" }

// know takes down that somebody's id or mark stands for a name.
func (r *reader) know(id, name string) error {
	if id == "" || name == "" || id == name || r.people[id] != "" {
		return nil
	}
	r.people[id] = name
	return r.hold(voiceSize/2 + len(id) + len(name))
}

// names gives every voice that a list has its name and role.
type names struct {
	name, role []string // by the number of the voice
}

func (r *reader) namesOf(pieces []piece) names {
	used := make([]bool, len(r.voices))
	for _, p := range pieces {
		used[p.voice] = true
	}
	n := names{make([]string, len(r.voices)), make([]string, len(r.voices))}
	channels := map[int32]int{} // how many voices each has
	where := map[string]int32{} // the channel of an engine's mark
	several, twice, marked := 0, false, false
	r.countListed(used)
	for id, v := range r.voices {
		if !used[id] {
			continue
		}
		n.name[id], n.role[id] = r.called(v.voice), v.role
		if v.channel != "" {
			if channels[v.channelID]++; channels[v.channelID] > 1 {
				several++
			}
		}
		if name := n.name[id]; name != "" {
			marked = true
			if c, ok := where[name]; ok && c != v.channelID && isMark(name) {
				twice = true
			}
			where[name] = v.channelID
		}
	}
	for id, v := range r.voices {
		name := &n.name[id]
		switch {
		case !used[id]:
		case len(channels) > 1 && (*name == "" || twice && several == 0 && isMark(*name)):
			*name = channelName(v.channel)
		case len(channels) > 1 && twice && isMark(*name):
			*name = channelName(v.channel) + " " + *name
		case !marked && *name == "" && v.role != "":
			*name, n.role[id] = v.role, ""
		}
	}
	return n
}

// countListed finds out whether the first of the names without ids has the
// number 0 or 1.
func (r *reader) countListed(used []bool) {
	least, most := len(r.listed), 0
	for id, v := range r.voices {
		for _, mark := range [...]string{v.label, v.person} {
			if i, ok := number(mark); ok && used[id] {
				least, most = min(least, i), max(most, i)
			}
		}
	}
	r.firstListed = 0
	if least == 1 && most == len(r.listed) {
		r.firstListed = 1
	}
}

// called is what a voice is called, without its channel.
func (r *reader) called(v voice) string {
	if v.name != "" {
		return v.name
	}
	for _, id := range [...]string{v.person, v.label} {
		if name := r.people[id]; id != "" && name != "" {
			return name
		}
	}
	for _, mark := range [...]string{v.label, v.person} {
		if i, ok := number(mark); ok {
			if i -= r.firstListed; i >= 0 && i < len(r.listed) {
				return r.listed[i]
			}
			return "Speaker " + mark
		}
		if _, id, ok := strings.Cut(mark, "/participants/"); ok { // Google Meet
			return "Participant " + id
		}
		if mark != "" {
			return mark
		}
	}
	return ""
}

// isMark is true for what engines call people whom they do not know.
func isMark(name string) bool {
	s := strings.ToLower(name)
	for _, word := range [...]string{"speaker", "spk", "channel", "guest", "participant", "s"} {
		if rest, ok := strings.CutPrefix(s, word); ok {
			s = strings.TrimLeft(rest, " _-#")
			break
		}
	}
	return len(s) <= 2
}

func channelName(channel string) string {
	if channel == "" {
		return ""
	}
	if _, ok := number(channel); ok {
		return "Channel " + channel
	}
	return channel
}

func number(s string) (n int, ok bool) {
	if s == "" || len(s) > 4 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// people reads who is there: a list of names, of objects with ids and names,
// or an object that has the names by their ids.
func (r *reader) readPeople(sc *scope, key string) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	switch t {
	case delimObject:
		return r.members(func(id string) error {
			t, err := r.token()
			if err != nil {
				return err
			}
			if name, ok := t.(string); ok {
				return r.know(id, name)
			}
			who, err := r.someone(sc, t)
			if err != nil {
				return err
			}
			return r.know(id, who.name)
		})
	case delimArray:
		l := r.open(sc, key)
		return r.elements(func() error {
			if err := r.count(); err != nil {
				return err
			}
			t, err := r.token()
			if err != nil {
				return err
			}
			if name, ok := t.(string); ok {
				r.listed = append(r.listed, name)
				return r.hold(len(name))
			}
			if t != delimObject {
				return r.skipRest(t)
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
	return r.skipRest(t)
}

// introduce takes down the name of an object that describes somebody, by all of
// its ids.
func (r *reader) introduce(e *entry) error {
	name := e.voice.name
	for _, other := range [...]string{e.name, e.voice.role, e.voice.label} {
		if name == "" {
			name = other
		}
	}
	for _, id := range [...]string{e.voice.person, e.voice.label, e.id, e.name} {
		if err := r.know(id, name); err != nil {
			return err
		}
	}
	return nil
}

// someone reads a value that says who speaks and begins with t: a name, a
// number, or an object with a name or an id.
func (r *reader) someone(sc *scope, t any) (who voice, err error) {
	if s, ok := literal(t); ok {
		return voice{label: strings.TrimSpace(s)}, nil
	}
	if t != delimObject {
		return voice{}, r.skipRest(t)
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
	return who, r.know(who.person, who.name)
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

// channel reads the number or name of a channel, or what was said on it.
func (r *reader) channel(e *entry, t json.Token) error {
	switch t {
	case delimObject:
		return r.fields(e)
	case delimArray: // the channel, and how many there are
		first := true
		return r.elements(func() error {
			t, err := r.token()
			if s, ok := literal(t); ok && first {
				e.voice.channel = s
			}
			first = false
			if err != nil {
				return err
			}
			return r.skipRest(t)
		})
	}
	if s, ok := literal(t); ok {
		e.voice.channel = s
	}
	return nil
}

// channels reads a list of what was said, channel by channel. Files with one
// channel have it, too.
func (r *reader) channels(sc *scope, key string) error {
	n := 0
	return r.elements(func() error {
		if err := r.count(); err != nil {
			return err
		}
		t, err := r.token()
		if err != nil {
			return err
		}
		if t != delimObject {
			return r.skipRest(t)
		}
		below := sc.below(key)
		below.track = &track{channel: strconv.Itoa(n)}
		n++
		return r.container(below)
	})
}
