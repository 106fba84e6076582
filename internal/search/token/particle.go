package token

import (
	"strings"
	"sync"
)

// particles are what makes a verb another one: written apart from it, with a
// hyphen, or together (log out, log-out, logout). "in" and "on" are nearly
// always something else, but with some verbs.
var particles = sync.OnceValue(func() map[string]bool { return set(`up out off down over back away`) })

var withInOn = sync.OnceValue(func() map[string]bool {
	return set(`log sign check plug add built break drop opt sit stand clock dial cut clip phase trade`)
})

const (
	maxVerb     = 6 // letters of the stem of a verb that has a particle
	maxParticle = 4
)

// particle yields a verb with its particle, if the next word is one.
func (w *walker) particle(verb string, start, end int) bool {
	if len(verb) > maxVerb || len(verb) < 2 || !lower(verb) || !strings.HasPrefix(w.text[end:], " ") {
		return true
	}
	second := end + 1
	last := second
	for last < len(w.text) && last-second <= maxParticle && classOf(rune(w.text[last])) == letter {
		last++
	}
	word := w.text[second:last]
	if last < len(w.text) && w.text[last] == '-' || len(word) < 2 || len(word) > maxParticle {
		return true
	}
	switch word = strings.ToLower(word); {
	case particles()[word], (word == "in" || word == "on") && withInOn()[verb]:
		return w.extra(stem(verb+word), 2, start, last)
	}
	return true
}
