package amazon

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
)

// Amazon has codes of a language and a region. Many languages have one.

// names are languages that go by another name with Amazon.
var names = map[string]string{"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh"}

// usual is what a language of several codes means without a region.
var usual = map[string]types.LanguageCode{
	"ar": types.LanguageCodeArSa, "ckb": types.LanguageCodeCkbIq, "de": types.LanguageCodeDeDe, "en": types.LanguageCodeEnUs,
	"es": types.LanguageCodeEsEs, "et": types.LanguageCodeEtEe, "fr": types.LanguageCodeFrFr, "pt": types.LanguageCodePtBr,
	"sw": types.LanguageCodeSwTz, "zh": types.LanguageCodeZhCn,
}

// elsewhere is what is nearest to a language in a region that Amazon does not
// have, if that is not the usual.
var elsewhere = map[string]types.LanguageCode{
	"en": types.LanguageCodeEnGb, "en-CA": types.LanguageCodeEnUs, "en-PH": types.LanguageCodeEnUs, "en-PR": types.LanguageCodeEnUs,
	"es": types.LanguageCodeEsUs, "pt": types.LanguageCodePtPt, "zh-MO": types.LanguageCodeZhHk,
}

// severalLanguages is the tag of a recording in which several are spoken.
const severalLanguages = "mul"

// unsaid are tags that name no language.
var unsaid = []string{"", "und", "mis", severalLanguages, "zxx"}

// tag is what matters here of a BCP 47 tag.
type tag struct{ language, region string }

func parse(s string) tag {
	parts := strings.Split(strings.ToLower(s), "-")
	t := tag{language: parts[0]}
	if name := names[t.language]; name != "" {
		t.language = name
	}
	if t.language == "yue" {
		return tag{"zh", "HK"}
	}
	for _, p := range parts[1:] {
		switch {
		case len(p) == 1: // extensions follow
			return t
		case len(p) == 2 || len(p) == 3 && p[0] <= '9':
			t.region = strings.ToUpper(p)
			return t
		case p == "hant" && t.language == "zh":
			t.region = "TW"
		}
	}
	return t
}

// codeOf returns Amazon's code for a BCP 47 tag, the nearest where it does not
// have the region. It is false for a language that Amazon does not know.
func codeOf(s string) (types.LanguageCode, bool) {
	t := parse(s)
	exact := types.LanguageCode(t.language + "-" + t.region)
	var codes []types.LanguageCode
	for _, c := range exact.Values() {
		if strings.HasPrefix(string(c), t.language+"-") {
			codes = append(codes, c)
		}
	}
	switch {
	case len(codes) == 0:
		return "", false
	case slices.Contains(codes, exact):
		return exact, true
	case len(codes) == 1:
		return codes[0], true
	case t.region == "":
		return usual[t.language], true
	}
	for _, key := range []string{string(exact), t.language} {
		if c := elsewhere[key]; c != "" {
			return c, true
		}
	}
	return usual[t.language], true
}

// spoken returns the code for what a session says of its language; "" where it
// says nothing, and nothing is configured. A language without a region is the
// configured one if that is the same.
func (e *Engine) spoken(said string) (code types.LanguageCode, known bool) {
	if slices.Contains(unsaid, strings.ToLower(said)) {
		return e.language, true
	}
	if t := parse(said); t.region == "" && strings.HasPrefix(string(e.language), t.language+"-") {
		return e.language, true
	}
	return codeOf(said)
}
