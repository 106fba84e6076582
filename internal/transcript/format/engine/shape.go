package engine

// A piece is a stretch of speech: an utterance, a word, a mark. One without
// text only says who speaks when.
type piece struct {
	text             string
	from, to         float64
	voice            int32
	fromKind, toKind momentKind
	glue             glue
}

// glue says how a word is written beside others.
type glue uint8

const (
	mark      glue = 1 << iota // punctuation, without a space before it
	opening                    // punctuation, without a space after it
	spaced                     // the file has a space before it
	spaceNext                  // the file has a space after it
)

// An entry is one object, as far as it says something of a transcript.
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

// A scope is where in the file something stands.
type scope struct {
	path  string
	track *track
}

// A track is one channel of several that a file has one after the other.
type track struct{ channel string }

// below is where the value of a key stands. What is numbered stands together.
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

// A list is what stands under one path of the file.
type list struct {
	path   string
	rank   int
	whole  bool // it has no times, and other lists have the same words
	pieces []piece
	groups []group
	passed int // objects that are nobody's speech

	words    int  // pieces that are called words
	samples  bool // it has offsets of Otter's kind
	spoken   bool // some object says who speaks, or when
	strong   bool // some object has its words under a key for words
	messages int
	slack    bool
	three    int // objects with a text, a start and a length, and hardly more
}

// named is true where the name of a list stands for a transcript.
func (l *list) named() bool { return l.rank != unnamed && l.rank != anything }

// A group has pieces that stood together in one list of the file.
type group struct {
	start int
	track *track
}
