package turn

import "strings"

// languageTag makes a BCP 47 tag of en, en_us or the English names that
// Whisper writes; "" of anything else.
func languageTag(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if code, ok := whisperLanguages[s]; ok {
		return code
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	if len(s) > 35 || len(parts) == 0 || len(parts[0]) < 2 || len(parts[0]) > 3 {
		return ""
	}
	for i, p := range parts {
		if len(p) > 8 || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return ""
		}
		switch {
		case i > 0 && len(p) == 2:
			parts[i] = strings.ToUpper(p)
		case i > 0 && len(p) == 4 && !(p[0] >= '0' && p[0] <= '9'):
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// whisperLanguages are the names in Whisper's verbose JSON.
var whisperLanguages = pairs(`english en chinese zh german de spanish es russian ru korean ko french fr japanese ja
	portuguese pt turkish tr polish pl catalan ca dutch nl arabic ar swedish sv italian it indonesian id hindi hi
	finnish fi vietnamese vi hebrew he ukrainian uk greek el malay ms czech cs romanian ro danish da hungarian hu
	tamil ta norwegian no thai th urdu ur croatian hr bulgarian bg lithuanian lt latin la maori mi malayalam ml
	welsh cy slovak sk telugu te persian fa latvian lv bengali bn serbian sr azerbaijani az slovenian sl kannada kn
	estonian et macedonian mk breton br basque eu icelandic is armenian hy nepali ne mongolian mn bosnian bs
	kazakh kk albanian sq swahili sw galician gl marathi mr punjabi pa sinhala si khmer km shona sn yoruba yo
	somali so afrikaans af occitan oc georgian ka belarusian be tajik tg sindhi sd gujarati gu amharic am
	yiddish yi lao lo uzbek uz faroese fo pashto ps turkmen tk nynorsk nn maltese mt sanskrit sa luxembourgish lb
	myanmar my tibetan bo tagalog tl malagasy mg assamese as tatar tt hawaiian haw lingala ln hausa ha bashkir ba
	javanese jv sundanese su cantonese yue`)

func pairs(words string) map[string]string {
	m := map[string]string{}
	f := strings.Fields(words)
	for i := 0; i+1 < len(f); i += 2 {
		m[f[i]] = f[i+1]
	}
	return m
}
