package speaker

import "testing"

func TestNameProof(t *testing.T) {
	for name, want := range map[string]proof{
		"Ana": certain, "Ana Bell": certain, "ANA": certain, "Dr. Ana de la Cruz": certain, "SPEAKER_00": certain,
		"Speaker 2": certain, "Q": certain, "O'Neil": certain, "Ana & Bo": certain, "Ana (Acme)": certain, "Ünal": certain,
		"—": certain, "Will Smith": certain,
		"ana": likely, "I": likely, "interviewer 2": likely, "王芳": likely, "Bell, Ana": likely, "So": likely, "10 Things": likely,
		"He Said": unfit,
		"":        unfit, "12": unfit, "I said": unfit, "we think that": unfit, "Note": unfit, "Step 1": unfit, "Date": unfit,
		"http": unfit, "What?": unfit, "a=b": unfit, "One Two Three Four Five Six": unfit, "Hello there friend. Bo": unfit,
		"Really finished. Ana": unfit, "\n": unfit,
	} {
		if got := nameProof(name, false); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}

func TestNoise(t *testing.T) {
	for s, want := range map[string][2]bool{
		"Break": {true, true}, "[Music]": {true, true}, "Theme music": {true, true}, "Old Show Intro": {true, true},
		"♪ Music ♪": {true, true}, "(Applause)": {true, false}, "laughter.": {true, false}, "Ad break": {true, true},
		"": {}, "Ana": {}, "Let's take a break": {}, "I like music": {}, "Loud Applause": {}, "[laughs at music]": {},
	} {
		if got := [2]bool{IsNoise(s), EndsSpeech(s)}; got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}
