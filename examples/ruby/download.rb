# frozen_string_literal: true

# A download with a progress bar, and one that is read piece by piece. Takes the base URL of the demo
# server, and optionally the name of the file, which appears complete or not at all.
require "digest"
require "sac"
require "tmpdir"

BAR = 40
PATH = "/v1/download?bytes=33554432"

# Draws only if the percentage has changed, because this is called for every received piece.
def bar
  shown = nil
  lambda do |progress|
    percent = progress.to_receive && (progress.received * 100 / progress.to_receive)
    next if percent == shown

    shown = percent
    print format("\r[%-#{BAR}s] %3d %%  %d of %d bytes", "#" * (percent * BAR / 100), percent, *progress.values_at(2, 3))
    # False would end the download.
  end
end

client = SAC::Client.new(ARGV.fetch(0), timeout: nil, read_timeout: 30, retries: 3)

Dir.mktmpdir do |folder|
  file = ARGV[1] || "#{folder}/download.bin"
  response = client.get(PATH, output_file: file, progress: bar)
  puts
  puts response.ok? ? "#{File.size(file)} bytes are in the file, SHA-256 #{Digest::SHA256.file(file)}" : response.error
end

digest = Digest::SHA256.new
client.get!(PATH) { |bytes| digest << bytes }
puts "The same, read piece by piece: #{digest}"

first = nil
client.get(PATH) do |bytes|
  first = bytes
  break
end
puts "This call ended after the first #{first.bytesize} bytes."
