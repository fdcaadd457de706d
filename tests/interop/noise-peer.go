// SPDX-License-Identifier: BSD-3-Clause

// flynn/noise behind the lines of text that noise-peer.cc describes.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/flynn/noise"
	"golang.org/x/crypto/curve25519"
)

type peer struct {
	handshake *noise.HandshakeState
	initiates bool
	seals     noise.Cipher
	opens     noise.Cipher
	first     *noise.CipherState
	second    *noise.CipherState
}

func bytesOf(word string) []byte {
	if word == "-" {
		return nil
	}
	bytes, err := hex.DecodeString(word)
	if err != nil {
		panic(err)
	}
	return bytes
}

func hexOf(bytes []byte) string {
	if len(bytes) == 0 {
		return "-"
	}
	return hex.EncodeToString(bytes)
}

func (p *peer) begin(words []string) (string, error) {
	cipher := noise.CipherChaChaPoly
	if words[1] == "AESGCM" {
		cipher = noise.CipherAESGCM
	}
	p.initiates = words[2] == "initiator"
	config := noise.Config{
		CipherSuite: noise.NewCipherSuite(noise.DH25519, cipher, noise.HashSHA256),
		Initiator:   p.initiates,
		Prologue:    bytesOf(words[3]),
		PeerStatic:  bytesOf(words[6]),
	}
	switch words[0] {
	case "NN":
		config.Pattern = noise.HandshakeNN
	case "IKpsk2":
		config.Pattern, config.PresharedKeyPlacement = noise.HandshakeIK, 2
	case "XXpsk3":
		config.Pattern, config.PresharedKeyPlacement = noise.HandshakeXX, 3
	}
	config.PresharedKey = bytesOf(words[4])
	if secret := bytesOf(words[5]); secret != nil {
		public, err := curve25519.X25519(secret, curve25519.Basepoint)
		if err != nil {
			return "", err
		}
		config.StaticKeypair = noise.DHKey{Private: secret, Public: public}
	}
	var err error
	p.handshake, err = noise.NewHandshakeState(config)
	return "ok", err
}

func (p *peer) keep(first, second *noise.CipherState) {
	if first != nil {
		p.first, p.second = first, second
	}
}

func (p *peer) answer(verb string, words []string) (string, error) {
	switch verb {
	case "new":
		return p.begin(words)
	case "write":
		message, first, second, err := p.handshake.WriteMessage(nil, bytesOf(words[0]))
		p.keep(first, second)
		return hexOf(message), err
	case "read":
		payload, first, second, err := p.handshake.ReadMessage(nil, bytesOf(words[0]))
		p.keep(first, second)
		return hexOf(payload), err
	case "split":
		p.seals, p.opens = p.first.Cipher(), p.second.Cipher()
		if !p.initiates {
			p.seals, p.opens = p.opens, p.seals
		}
		return "ok", nil
	}
	number, err := strconv.ParseUint(words[0], 10, 64)
	if err != nil {
		return "", err
	}
	if verb == "seal" {
		return hexOf(p.seals.Encrypt(nil, number, bytesOf(words[1]), bytesOf(words[2]))), nil
	}
	text, err := p.opens.Decrypt(nil, number, bytesOf(words[1]), bytesOf(words[2]))
	return hexOf(text), err
}

func main() {
	var p peer
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		text, err := p.answer(words[0], words[1:])
		if err != nil {
			text = "error"
		}
		fmt.Println(text)
	}
}
