namespace Relay.Node.Settings;

/// <summary>Lists written as one text, as the environment and the command line have them: <c>10.0.0.1:53,10.0.0.2:53</c>.</summary>
internal static class SettingLists
{
    /// <summary>The list that the text stands for; an empty text is an empty list.</summary>
    public static SettingNode Split(SettingNode text)
    {
        var list = SettingNode.List(text.Origin);
        foreach (var item in text.Text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (text.Text.Length > 0)
            {
                list.Items.Add(SettingNode.Bare(item, text.Origin));
            }
        }

        return list;
    }
}
