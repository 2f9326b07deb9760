# frozen_string_literal: true

# Generated from include/sac.h by tool/generate. Do not edit.
module SAC
  # The version of the library that this gem was made for.
  VERSION = "0.1.0"
end
