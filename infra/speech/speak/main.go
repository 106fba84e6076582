// Command speak writes the interview of infra/speech as a WAV file, spoken by
// espeak-ng.
//
//	go run ./infra/speech/speak [-stereo] FILE
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"griot/infra/speech"
)

func main() {
	stereo := flag.Bool("stereo", false, "give each speaker a side")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run ./infra/speech/speak [-stereo] FILE")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*stereo, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "speak:", err)
		os.Exit(1)
	}
}

func run(stereo bool, file string) error {
	wav, turns, err := speech.Speak(context.Background(), speech.Interview(), stereo)
	if err != nil {
		return err
	}
	for _, t := range turns {
		fmt.Printf("%6.2f %6.2f  %s: %s\n", t.Start.Seconds(), t.End.Seconds(), t.Speaker, t.Text)
	}
	return os.WriteFile(file, wav, 0o644)
}
