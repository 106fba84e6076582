package engine

import "strings"

// A voice identifies who speaks. Engines number speakers anew on each channel, so
// it takes the channel and the mark of the speaker on it.
type voice struct {
	channel string
	name    string // as people write it
	label   string // a name, or a mark of the engine's
	person  string // an id, whose name may stand elsewhere
	role    string
}

// marked reports whether a voice is more than a channel.
func (v voice) marked() bool { return v.name != "" || v.label != "" || v.person != "" }

// A knownVoice has a number, its place among the voices of a file; 0 is nobody.
type knownVoice struct {
	voice
	channelID int32 // the number of its channel
}

// voices are those of a file, and what it says of people anywhere.
type voices struct {
	*budget
	known       []knownVoice // by their numbers
	ids         map[voice]int32
	last        int32             // the number that was given last
	channels    map[string]int32  // numbers of channels
	people      map[string]string // names by ids
	listed      []string          // names without ids
	firstListed int               // the number of the first of them
}

func newVoices(held *budget) *voices {
	return &voices{budget: held, known: make([]knownVoice, 1), ids: map[voice]int32{{}: 0}, channels: map[string]int32{"": 0}, people: map[string]string{}}
}

// number returns the number of a voice, which gets one when it is first seen.
func (vs *voices) number(v voice) (int32, error) {
	if vs.known[vs.last].voice == v {
		return vs.last, nil
	}
	if id, ok := vs.ids[v]; ok {
		vs.last = id
		return id, nil
	}
	if err := vs.hold(voiceSize + len(v.channel) + len(v.name) + len(v.label) + len(v.person) + len(v.role)); err != nil {
		return 0, err
	}
	channel, ok := vs.channels[v.channel]
	if !ok {
		channel = int32(len(vs.channels))
		vs.channels[v.channel] = channel
	}
	id := int32(len(vs.known))
	vs.known = append(vs.known, knownVoice{v, channel})
	vs.ids[v] = id
	return id, nil
}

// voiceSize is about how many bytes a voice takes besides its names.
const voiceSize = 200

// identify notes that somebody's id or mark stands for a name.
func (vs *voices) identify(id, name string) error {
	if id == "" || name == "" || id == name || vs.people[id] != "" {
		return nil
	}
	vs.people[id] = name
	return vs.hold(voiceSize/2 + len(id) + len(name))
}

// distinct counts the voices in the words of an object, up to two.
func (vs *voices) distinct(parts []piece) int {
	var first int32
	for _, p := range parts {
		switch {
		case p.voice == 0 || !vs.known[p.voice].marked():
		case first == 0:
			first = p.voice
		case p.voice != first:
			return 2
		}
	}
	if first != 0 {
		return 1
	}
	return 0
}

func (vs *voices) channelsIn(pieces []piece) int {
	n, last, seen := 0, int32(-1), map[int32]bool{}
	for _, p := range pieces {
		if id := vs.known[p.voice].channelID; id != last {
			if last = id; !seen[id] {
				seen[id] = true
				n++
			}
		}
	}
	return n
}

// names are the names and roles of the voices of a list.
type names struct {
	name, role []string // by the number of the voice
}

func (vs *voices) namesOf(pieces []piece) names {
	used := make([]bool, len(vs.known))
	for _, p := range pieces {
		used[p.voice] = true
	}
	n := names{make([]string, len(vs.known)), make([]string, len(vs.known))}
	channels := map[int32]int{} // how many voices each has
	where := map[string]int32{} // the channel of an engine's mark
	several, twice, marked := 0, false, false
	vs.countListed(used)
	for id, v := range vs.known {
		if !used[id] {
			continue
		}
		n.name[id], n.role[id] = vs.called(v.voice), v.role
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
	for id, v := range vs.known {
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

// countListed determines whether marks count the names without ids from 0 or 1.
func (vs *voices) countListed(used []bool) {
	least, most := len(vs.listed), 0
	for id, v := range vs.known {
		for _, mark := range [...]string{v.label, v.person} {
			if i, ok := number(mark); ok && used[id] {
				least, most = min(least, i), max(most, i)
			}
		}
	}
	vs.firstListed = 0
	if least == 1 && most == len(vs.listed) {
		vs.firstListed = 1
	}
}

// called returns the name to show for a voice, without its channel.
func (vs *voices) called(v voice) string {
	if v.name != "" {
		return v.name
	}
	for _, id := range [...]string{v.person, v.label} {
		if name := vs.people[id]; id != "" && name != "" {
			return name
		}
	}
	for _, mark := range [...]string{v.label, v.person} {
		if i, ok := number(mark); ok {
			if i -= vs.firstListed; i >= 0 && i < len(vs.listed) {
				return vs.listed[i]
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

// isMark recognises the names that engines make up: "spk_0", "S1".
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
