"""Why a network says what it says about a pixel: maps of what counted, and tests of whether such a map is true."""
