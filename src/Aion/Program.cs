// Picks a component by its verb; nothing else lives here.
Console.Error.WriteLine("aion: no component is wired yet");
return 1;
