"""Work that is due without anybody asking: mail, deadlines, reminders, retention."""
