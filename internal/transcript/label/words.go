package label

import (
	"strings"
	"sync"
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// particles may stand inside names in small letters.
var particles = sync.OnceValue(func() map[string]bool {
	return set(`de del della der den di da do dos das du la le los van von vom zu zur ter ten bin ibn al el e y i of and
		und et og`)
})

// plainWords begin sentences, notes and lists and no names. Only labels that a
// file has once are held against them, for short files: a longer one has the
// words themselves (layout's vocabulary).
var plainWords = sync.OnceValue(func() map[string]bool {
	return set(`the this that these those it its it's that's he she they we you is are was were be been being
		am does did have has had would should could might must shall not no yes yeah yep nope okay ok so but or
		if then than because since while when where why how what which who whom whose there here now also again
		as at by for from in into on onto to with without about after before between over under like just only
		even well oh um uh hmm please let let's let’s my your his her our their me him us them i'm i’m i'd i've
		a an and of said says asked replied answered first second third finally next note notes step steps remember
		example summary slides video link links url http https`)
})

var (
	breaks = sync.OnceValue(func() map[string]bool {
		return set(`break jingle music intro outro interlude advertisement advertisements ad ads commercial
			commercials midroll preroll sponsor sponsors theme`)
	})
	noises = sync.OnceValue(func() map[string]bool {
		return set(`applause laughter laughs silence pause crosstalk inaudible noise sound sfx transition cheering
			clapping chatter`)
	})
)

// fields are what headers of files have.
var fields = sync.OnceValue(func() map[string]bool {
	return set(`date time duration length topic topics title subject location place venue meeting event episode
		participants attendees present speakers absent recording recorded source link url video audio slides
		language version file filename format created published organizer host name agenda summary transcript
		copyright author datum zeit dauer thema ort teilnehmer sprache titel lieu sujet fecha lugar tema
		asistentes participantes duración`)
})

// IsField recognises labels that headers of files have.
func IsField(s string) bool { return fields()[strings.ToLower(s)] }
