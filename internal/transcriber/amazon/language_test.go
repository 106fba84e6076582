package amazon

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
)

func TestCodeOf(t *testing.T) {
	for said, want := range map[string]string{
		"en": "en-US", "EN-gb": "en-GB", "en-CA": "en-US", "en-SG": "en-GB", "en-001": "en-GB",
		"es": "es-ES", "es-ES": "es-ES", "es-MX": "es-US", "es-419": "es-US",
		"pt": "pt-BR", "pt-PT": "pt-PT", "pt-AO": "pt-PT", "pt-br": "pt-BR",
		"de-AT": "de-DE", "de-CH-1996": "de-CH", "fr-BE": "fr-FR", "fr": "fr-FR", "ar": "ar-SA", "ar-EG": "ar-SA", "ar-AE": "ar-AE",
		"zh": "zh-CN", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "zh-Hant-HK": "zh-HK", "zh-Hans-SG": "zh-CN", "zh-MO": "zh-HK", "yue": "zh-HK", "cmn": "zh-CN",
		"nb": "no-NO", "nn-NO": "no-NO", "no": "no-NO", "iw": "he-IL", "fil-PH": "tl-PH", "in": "id-ID",
		"sv": "sv-SE", "sv-FI": "sv-SE", "sr-Latn-ME": "sr-RS", "ja-u-ca-japanese": "ja-JP", "ja-x-us": "ja-JP", "et": "et-EE", "ckb": "ckb-IQ", "sw-KE": "sw-KE", "sw": "sw-TZ",
		"la": "", "tlh": "", "e": "", "": "", "-": "",
	} {
		if got, ok := codeOf(said); string(got) != want || ok != (want != "") {
			t.Errorf("%q is %q, %v, want %q", said, got, ok, want)
		}
	}
}

// Each of Amazon's codes means itself, and each language is known without a
// region.
func TestEveryLanguageOfAmazon(t *testing.T) {
	for _, code := range types.LanguageCode("").Values() {
		if got, ok := codeOf(string(code)); got != code || !ok {
			t.Errorf("%s is %s, %v", code, got, ok)
		}
		language, _, _ := strings.Cut(string(code), "-")
		if got, ok := codeOf(language); !ok || !strings.HasPrefix(string(got), language+"-") {
			t.Errorf("%s is %s, %v", language, got, ok)
		}
	}
}
