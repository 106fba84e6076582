package conversation

func init() {
	snippet = func(text string, _ []string, most int) string {
		runes := []rune(text)
		return string(runes[:min(most, len(runes))])
	}
}
