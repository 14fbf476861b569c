"""What is learned from what people said of answers: a reward, demonstrations, and files to train another model on."""
