package speaker

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/clock"
)

// proof is how well something before a colon does as the name of a speaker.
type proof int

const (
	unfit   proof = iota
	likely        // could be; has to come again
	certain       // capitalised like a name
)

const (
	maxNameWords = 5
	maxNameRunes = 60
)

// nameProof judges a name by its shape alone. With a time beside it, a name
// may be written in any case.
func nameProof(s string, timed bool) proof {
	if IsNobody(s) {
		return certain
	}
	if s == "" || utf8.RuneCountInString(s) > maxNameRunes || strings.IndexFunc(s, notInName) >= 0 {
		return unfit
	}
	words := strings.Fields(s)
	if len(words) > maxNameWords || strings.IndexFunc(s, unicode.IsLetter) < 0 || IsHeading(words[0]) {
		return unfit
	}
	p := certain
	for i, w := range words {
		p = min(p, wordProof(w, i == 0))
	}
	if len(words) > 1 && strings.Contains(s, ",") || s == "I" || clock.IsDigit(s[0]) {
		p = min(p, likely)
	}
	if timed && p == likely {
		p = certain
	}
	return p
}

// IsName is true for what could be a name beside a time.
func IsName(s string) bool { return nameProof(s, true) == certain }

// wordProof judges one word of a name: capitalised or a number it is fine,
// small particles may stand inside, words of ordinary sentences do not occur.
func wordProof(w string, first bool) proof {
	bare := strings.ToLower(strings.Trim(w, `.,'’"()`))
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, `("'’`))
	capital := unicode.IsUpper(r) || unicode.IsTitle(r) || unicode.IsDigit(r)
	if strings.HasSuffix(w, ".") && len(bare) > 5 { // the end of a sentence
		return unfit
	}
	switch {
	case function[bare] && !(capital && first):
		return unfit
	case function[bare] && len(bare) > 1: // but Q: and A:
		return likely
	case capital || !first && (particles[bare] || w == "&" || w == "/" || w == "-"):
		return certain
	}
	return likely
}

// notInName is true for what names of speakers do not have.
func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) &&
		r != ' ' && r != '\u00a0' && !strings.ContainsRune(`.,'’"-‐‑_&/()#@+|·`, r)
}

// IsNobody recognises the dash that transcripts put where a name is missing.
func IsNobody(s string) bool { return s == "—" || s == "–" }

// IsHeading is true for first words of headings, notes and file headers, which
// are followed by a colon as names are.
func IsHeading(w string) bool { return headings[strings.ToLower(strings.Trim(w, ".,"))] }

// IsNoise recognises what stands for sounds that nobody speaks: breaks,
// jingles, music, applause.
func IsNoise(s string) bool {
	words := noiseWords(s)
	return len(words) == 1 && noises[words[0]] || isBreak(words)
}

// EndsSpeech is true for noise after which anybody may go on.
func EndsSpeech(s string) bool { return isBreak(noiseWords(s)) }

// noiseWords returns the words of what may be a noise in lower case: one, or
// up to four that are written like a title, or that all belong to breaks.
func noiseWords(s string) []string {
	words := strings.Fields(strings.Trim(s, "[]()*_.♪♫ "))
	if len(words) > 4 {
		return nil
	}
	for i, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		words[i] = strings.ToLower(w)
		if len(words) > 1 && !unicode.IsUpper(r) && !breaks[words[i]] {
			return nil
		}
	}
	return words
}

func isBreak(words []string) bool { return len(words) > 0 && breaks[words[len(words)-1]] }

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	breaks = set(`break jingle music intro outro interlude advertisement advertisements ad ads commercial
		commercials midroll preroll sponsor sponsors theme`)
	noises = set(`applause laughter laughs silence pause crosstalk inaudible noise sound sfx transition cheering
		clapping chatter`)
	particles = set(`de del della der den di da do dos das du la le los van von vom zu zur ter ten bin ibn al el
		e y i of and und et og`)
	headings = set(`note notes step steps warning caution important example summary agenda date time duration topic
		topics title subject location venue place attendees participants present absent apologies action actions
		todo chapter section part figure table option phase item items rule point points tip tips hint remember
		reminder result results conclusion transcript transcription recording recorded episode meeting url link
		links source copyright version language file filename format created published http https ftp mailto
		ps nb fyi eg ie re fw fwd cc bcc problem problems solution solutions goal goals reason reasons issue issues
		risk risks cost costs pros cons status update updates fact facts key priority deadline budget scope purpose
		objective objectives background context overview introduction requirement requirements input inputs output
		outputs tool tools trigger frequency exception exceptions phone email address website total price details`)
	function = set(`the this that these those it its it's that's he she they we you is are was were be been being
		am does did have has had would should could might must shall not no yes yeah yep nope okay ok so but or
		if then than because since while when where why how what which who whom whose there here now also again
		as at by for from in into on onto to with without about after before between over under like just only
		even well oh um uh hmm please let let's let’s my your his her our their me him us them i'm i’m i'd i've
		a an and of said says asked replied answered first second third fourth fifth finally firstly secondly thirdly lastly next meanwhile
		otherwise additionally furthermore moreover namely specifically anyway basically actually`)
)
